import type { Host } from './host.ts';
import { minuteOf } from './minute.ts';
import type { PlatformChoice } from './platform.ts';

/** Who belongs to a cloud, as every member of it has it on disk. */
export interface Membership {
  /**
   * Counts its changes: of two records the one with the higher number is the newer, whatever the clocks of the
   * machines say from which it was written.
   */
  readonly generation: number;
  /** In inventory order. While a run is under way these are all who take part: who comes, who stays and who leaves. */
  readonly members: readonly Member[];
  /** Who left without being asked, since it did not answer: the others shut it out, for it still has what it had. */
  readonly forgotten: readonly Member[];
}

/** A host that belongs, with what is needed to reach it once no inventory names it any more. */
export interface Member
  extends Pick<Host, 'name' | 'machine' | 'rack' | 'roles' | 'addresses' | 'interfaces'> {
  readonly ssh: { readonly user: string; readonly port: number };
  readonly platform: PlatformChoice;
  /** Set while an operator has taken it out: it belongs, and nothing is asked of it. */
  readonly maintenance?: Maintenance;
}

/** Why a host carries nothing, in the words of whoever took it out. */
export interface Maintenance {
  /** ISO time of the operator's machine: to be read, never to be compared. */
  readonly since: string;
  /** `root@deployer`. */
  readonly by: string;
  readonly reason: string;
}

/** What a run has put on a host for a service, so that it can be taken away by one who no longer describes it. */
export interface Belonging {
  /** `kept`: a file that stays when all else goes, because the machine itself needs it. */
  readonly kind: 'unit' | 'directory' | 'data' | 'kept';
  /** Name of the unit, or path. */
  readonly name: string;
  readonly service: string;
}

/** Whether two records say the same of who belongs, whatever their generation. */
export const isSameMembership = (one: Membership, other: Membership): boolean =>
  JSON.stringify([one.members, one.forgotten]) === JSON.stringify([other.members, other.forgotten]);

/** The hosts that are in maintenance, by name; none where nothing is on record. */
export const restingIn = (membership: Membership | undefined): ReadonlyMap<string, Maintenance> =>
  new Map(
    (membership?.members ?? []).flatMap(({ name, maintenance }) =>
      maintenance === undefined ? [] : [[name, maintenance] as const],
    ),
  );

/** "is in maintenance since 2026-11-28 01:02 UTC, asked by root@deployer: new disks" */
export const maintenanceAsText = ({ since, by, reason }: Maintenance): string =>
  `is in maintenance since ${minuteOf(since)} UTC, asked by ${by}: ${reason}`;

/** The record by which a host of the topology is known. */
export const memberOf = (host: Host): Member => ({
  name: host.name,
  machine: host.machine,
  rack: host.rack,
  roles: host.roles,
  addresses: host.addresses,
  interfaces: host.interfaces,
  ssh: { user: host.ssh.user, port: host.ssh.port },
  platform: { distribution: host.platform.distribution, release: host.platform.release },
});

/** The same, with what an earlier record says of its maintenance. */
export const memberStill = (host: Host, recorded: Membership | undefined): Member => {
  const maintenance = restingIn(recorded).get(host.name);
  return { ...memberOf(host), ...(maintenance === undefined ? {} : { maintenance }) };
};
