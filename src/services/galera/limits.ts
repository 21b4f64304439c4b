import { type Diagnostic, error } from '../../model/diagnostic.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import type { GaleraSettings } from './settings.ts';

/** Sessions of health agents, of members that copy, and of operators who look why clients are refused. */
const besideClients = 32;

/** All clients of the load balancer are sessions of one member: what that refuses, clients take for a broken database. */
export function fewerThanLetThrough(
  [first]: readonly Instance<GaleraSettings>[],
  { fronts }: Pick<Topology, 'fronts'>,
): readonly Diagnostic[] {
  const through = fronts.find(({ role }) => role === 'database')?.connections;
  if (first === undefined || through === undefined) return [];
  const { maxConnections } = first.settings;
  if (maxConnections >= through + besideClients) return [];
  return [
    error(
      ['maxConnections'],
      `${maxConnections} sessions are too few: the load balancer lets ${through} clients through, and checks and operators need ${besideClients} more`,
      `say ${through + besideClients} at least, or a smaller \`haproxy: { sqlMaxConnections: … }\``,
    ),
  ];
}
