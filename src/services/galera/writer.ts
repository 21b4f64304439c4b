import { type ObservedState, reachable } from '../../model/observed.ts';
import type { Topology } from '../../model/topology.ts';
import { type Balancer, choiceOf } from './balancer.ts';
import { databaseVip } from './layout.ts';
import { memberOn } from './member.ts';

/** The host that holds the database VIP; undefined when none does, or more than one. */
export function vipHolder(topology: Topology, observed: ObservedState): string | undefined {
  const vip = databaseVip(topology);
  if (vip === undefined) return undefined;
  const holders = vip.candidates.filter(({ name }) =>
    reachable(observed, name)?.addresses.includes(vip.address),
  );
  return holders.length === 1 ? holders[0]?.name : undefined;
}

/** The view of the HAProxy that carries the traffic. */
export function carrier(topology: Topology, observed: ObservedState): Balancer | undefined {
  const holder = vipHolder(topology, observed);
  return holder === undefined ? undefined : memberOn(observed, holder)?.balancer;
}

/** The member that takes the writes now; undefined when nobody can tell. */
export function writerOf(topology: Topology, observed: ObservedState): string | undefined {
  const balancer = carrier(topology, observed);
  return balancer && choiceOf(balancer);
}

/** Who takes the writes when `host` is taken out. */
export function successorOf(topology: Topology, observed: ObservedState, host: string): string | undefined {
  const balancer = carrier(topology, observed);
  return balancer && choiceOf({ ...balancer, servers: balancer.servers.filter(({ name }) => name !== host) });
}
