import { type Check, concerned, type Found } from './check.ts';
import type { Host } from './host.ts';
import type { Role } from './inventory.ts';
import { checksOf, type Service } from './service.ts';
import type { Instance, Topology } from './topology.ts';

/** Whether the instance of a service on a host is to be reckoned with now. True for what is no instance at all. */
export type Counts = (service: string, host: string) => boolean;

/** What a host is to a service now: one that has given a role up is as it will be, one that is about to still has it. */
export type AsNow = (service: string, host: Host) => Host;

/** Whether a host has been told by now that it may hold the VIPs of a role: one that is new to it is told last. */
export type MayHold = (role: Role, host: string) => boolean;

/** How the cloud is at a moment, beside who is there. */
export interface AtMoment {
  readonly asNow?: AsNow;
  readonly mayHold?: MayHold;
}

/**
 * The cloud as far as it is there: without hosts that may be missing, without what has not been set up yet and what has
 * left already. Checks, hand-overs and quorums are judged by it while members come and go.
 */
export function staged(
  topology: Topology,
  counts: Counts,
  { asNow = (_service, host) => host, mayHold = () => true }: AtMoment = {},
): Topology {
  const takesPart = ({ service, host }: Instance): boolean => counts(service, host.name);
  const instances = topology.instances.filter(takesPart).map((instance) => ({
    ...instance,
    host: asNow(instance.service, instance.host),
    members: instance.members
      .filter(({ name }) => counts(instance.service, name))
      .map((host) => asNow(instance.service, host)),
  }));
  const serving = (role: Role, host: Host): boolean =>
    topology.fronts
      .filter((front) => front.role === role)
      .every(({ service }) => counts(service, host.name) && asNow(service, host).roles.includes(role));
  return {
    ...topology,
    hosts: topology.hosts.filter(({ name }) => instances.some(({ host }) => host.name === name)),
    instances,
    listeners: topology.listeners.map((listener) => ({
      ...listener,
      servers: listener.servers.filter(({ host }) => counts(listener.service, host)),
    })),
    vips: topology.vips.map((vip) => ({
      ...vip,
      candidates: vip.candidates.filter((host) => serving(vip.role, host) && mayHold(vip.role, host.name)),
    })),
  };
}

/** What blames only who does not count is nobody's trouble. */
export const concernsWhoCounts =
  (counts: Counts) =>
  (found: Found): boolean => {
    const { hosts } = found.finding;
    return hosts.length === 0 || hosts.some((host) => counts(concerned(found), host));
  };

/** The checks of the cloud as far as it counts. */
export function stagedChecks(
  services: readonly Service[],
  topology: Topology,
  counts: Counts,
): readonly Check[] {
  const concerns = concernsWhoCounts(counts);
  return checksOf(services, staged(topology, counts)).map((check) => ({
    ...check,
    judge: (observed) => check.judge(observed).filter((finding) => concerns({ check, finding })),
  }));
}

/** The instances of `all` that `wanted` has no more: what leaves its host, or leaves with it. */
export const departuresFrom = (all: Topology, wanted: Topology): readonly Instance[] =>
  all.instances.filter(
    ({ service, host }) =>
      !wanted.instances.some((instance) => instance.service === service && instance.host.name === host.name),
  );
