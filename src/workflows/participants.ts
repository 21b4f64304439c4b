import { setTimeout as pause } from 'node:timers/promises';
import type { Depth } from '../execute/index.ts';
import type { DesiredState } from '../model/desired.ts';
import { McpError } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { Member, Membership } from '../model/membership.ts';
import {
  carriesOurs,
  type HostObservation,
  membershipIn,
  type ObservedState,
  reachable,
} from '../model/observed.ts';
import type { Topology } from '../model/topology.ts';
import type { Session } from './cloud.ts';
import { changesHands, type Transition, transitionFrom } from './transition.ts';

/** Everybody who takes part, as found: who is wanted, and who leaves or was forgotten and is back. */
export interface Participants {
  readonly recorded: Membership | undefined;
  readonly all: Topology;
  readonly desired: DesiredState;
  readonly observed: ObservedState;
  /** Forgotten hosts that answer, and still have what they had. */
  readonly returned: readonly Member[];
}

export type Looking = Pick<Session, 'cloud' | 'observe' | 'observeOthers' | 'admit'>;

/**
 * Looks at the hosts of the inventory, learns from their records who else belonged, and looks at those, too. Where nobody
 * leaves and nobody was forgotten that is one look, as ever.
 */
export async function observeParticipants(session: Looking, depth: Depth): Promise<Participants> {
  const { topology, desired } = session.cloud;
  const observed = await session.observe(depth);
  const recorded = membershipIn(observed, topology.cloud);
  const returned = await returnedOf(recorded, session);
  if (returned.length === 0 && !changesHands(recorded, topology)) {
    return { recorded, all: topology, desired, observed, returned };
  }
  const transition = transitionFrom([...(recorded?.members ?? []), ...returned], session.cloud);
  const others = await observeOthers(transition, session, depth);
  const merged = {
    hosts: new Map([...observed.hosts, ...withoutStrangers(others, transition, topology.cloud)]),
  };
  return { recorded, all: transition.all, desired: transition.desired, observed: merged, returned };
}

/** A host that has gone over to another cloud since is none of our business any more: it is as good as gone. */
const withoutStrangers = (
  { hosts }: ObservedState,
  { leaving }: Transition,
  cloud: string,
): readonly (readonly [string, HostObservation])[] =>
  [...hosts].map(([host, seen]) => {
    const isElsewhere = seen.kind === 'reachable' && seen.cloud !== undefined && seen.cloud !== cloud;
    if (!isElsewhere || !leaving.includes(host)) return [host, seen];
    const failure = new McpError('foreign-host', `${host} belongs to the cloud ${seen.cloud} now`, { host });
    return [host, { kind: 'unreachable', host, failure }];
  });

/** Who leaves; and who stays and gives something up, once more, since it is asked about that as well. */
function observeOthers({ all, desired, leaving }: Transition, session: Looking, depth: Depth) {
  session.admit(all.hosts.filter(({ name }) => leaving.includes(name)));
  const before = session.cloud.desired;
  const asked = all.hosts
    .map(({ name }) => name)
    .filter((name) => desired.hosts.get(name) !== before.hosts.get(name));
  return session.observeOthers({ desired, hosts: asked, depth });
}

/** Forgotten hosts that let us in and still have something of ours. One that has been wiped is nobody's business. */
async function returnedOf(recorded: Membership | undefined, session: Looking): Promise<readonly Member[]> {
  const { topology } = session.cloud;
  const taken = new Set(topology.hosts.flatMap(({ name, addresses }) => [name, addresses.management]));
  const forgotten = (recorded?.forgotten ?? []).filter(
    ({ name, addresses }) => !taken.has(name) && !taken.has(addresses.management),
  );
  if (forgotten.length === 0) return [];
  const { all } = transitionFrom(forgotten, session.cloud);
  const hosts = all.hosts.filter(({ name }) => forgotten.some((member) => member.name === name));
  session.admit(hosts);
  const back = await Promise.all(hosts.map((host) => isBack(host, session)));
  return forgotten.filter(({ name }) => back.includes(name));
}

/** Name of the host where it is back. It is waited for no longer than one that is on needs to say so. */
async function isBack({ name }: Host, session: Looking): Promise<string | undefined> {
  const looked = session.observeOthers({ desired: { hosts: new Map() }, hosts: [name], depth: 'state' });
  const giveUp = new AbortController();
  const observed = await Promise.race([
    looked,
    pause(patienceMilliseconds, undefined, { signal: giveUp.signal }).catch(() => undefined),
  ]);
  giveUp.abort();
  const now = observed && reachable(observed, name);
  return now !== undefined && now.cloud === session.cloud.topology.cloud && carriesOurs(now)
    ? name
    : undefined;
}

const patienceMilliseconds = 4000;
