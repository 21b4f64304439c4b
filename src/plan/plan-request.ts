import type { Commit } from '../model/commit.ts';
import type { DesiredState } from '../model/desired.ts';
import { type Maintenance, type Membership, restingIn } from '../model/membership.ts';
import { carriesOurs, type ObservedState, reachable } from '../model/observed.ts';
import type { RunAccount } from '../model/run.ts';
import type { Service } from '../model/service.ts';
import type { Topology } from '../model/topology.ts';

/** What a plan is made of: who belonged, what is there, and what is wanted. */
export interface PlanRequest {
  readonly topology: Topology;
  readonly services: readonly Service[];
  readonly desired: DesiredState;
  readonly observed: ObservedState;
  /** Who belonged when the last run ended; absent where that is nobody's business. */
  readonly membership?: MembershipRequest;
  /** Files that someone else edited are replaced instead of refused. */
  readonly overwriteDrift: boolean;
  /** Set where the inventory is older than what was deployed last, and nobody said that it may be. */
  readonly older?: OlderInventory;
  /** Hosts that may be missing; the next run catches them up. */
  readonly allowUnreachable?: readonly string[];
  /** Hosts that leave and need not answer: the others shut them out. */
  readonly forget?: readonly string[];
  /** Data of what leaves is removed, too. */
  readonly purge?: boolean;
  /** Former users and passwords stay in force. */
  readonly keepFormer?: boolean;
  /** The only hosts to act on; undefined: all. What is rendered does not depend on it. */
  readonly limit?: readonly string[];
}

/** The commit that the inventory stands at, and the run that has deployed a newer one. */
interface OlderInventory {
  readonly commit: Commit;
  readonly deployed: RunAccount;
}

interface MembershipRequest {
  /** What hosts have on record; undefined: nothing yet. */
  readonly recorded: Membership | undefined;
  /** The topology with those who leave still in it. */
  readonly all: Topology;
}

/**
 * Whether a host was forgotten, and is back with what it had: it is no member, and nobody hears it. One that a run which
 * was cut off only began to forget still is one: the others may not have been told. One that has been installed anew since
 * is a newcomer like any other, and has to be heard for what it joins.
 */
export function isBack({ membership, observed }: PlanRequest, host: string): boolean {
  const { forgotten = [], members = [] } = membership?.recorded ?? {};
  const now = reachable(observed, host);
  if (now !== undefined && !carriesOurs(now)) return false;
  return forgotten.some(({ name }) => name === host) && members.every(({ name }) => name !== host);
}

/** Whether a host that left has been taken over by another cloud. */
export function isElsewhere({ observed }: Pick<PlanRequest, 'observed'>, host: string): boolean {
  const seen = observed.hosts.get(host);
  return seen?.kind === 'unreachable' && seen.failure.code === 'foreign-host';
}

/** Hosts that stay and are in maintenance. One that leaves the cloud is taken out like any other. */
export const restingHosts = ({
  topology,
  membership,
}: Pick<PlanRequest, 'topology' | 'membership'>): ReadonlyMap<string, Maintenance> =>
  new Map(
    [...restingIn(membership?.recorded)].filter(([host]) => topology.hosts.some(({ name }) => name === host)),
  );

/** Everybody who takes part while the plan is carried out. */
export const everybodyIn = ({ topology, membership }: PlanRequest): Topology => membership?.all ?? topology;
