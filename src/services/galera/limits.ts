import { type Diagnostic, error } from '../../model/diagnostic.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import type { GaleraSettings } from './settings.ts';

/** Sessions of health agents, of members that copy, and of operators who look why clients are refused. */
const besideClients = 32;

/**
 * All clients of the load balancers are sessions of one member: what that refuses, clients take for a broken database. Each
 * VIP may be on a host of its own, whose load balancer counts for itself.
 */
export function fewerThanLetThrough(
  instances: readonly Instance<GaleraSettings>[],
  { fronts, vips }: Pick<Topology, 'fronts' | 'vips'>,
): readonly Diagnostic[] {
  const [first] = instances;
  const ofEach = fronts.find(({ role }) => role === 'database')?.connections;
  if (first === undefined || ofEach === undefined) return [];
  const holders = Math.min(vips.filter(({ role }) => role === 'database').length, instances.length);
  const through = Math.max(1, holders) * ofEach;
  const { maxConnections } = first.settings;
  if (maxConnections >= through + besideClients) return [];
  const who = holders > 1 ? `${holders} load balancers let` : 'the load balancer lets';
  return [
    error(
      ['maxConnections'],
      `${maxConnections} sessions are too few: ${who} ${through} clients through, and checks and operators need ${besideClients} more`,
      `say ${through + besideClients} at least, or a smaller \`haproxy: { sqlMaxConnections: … }\``,
    ),
  ];
}
