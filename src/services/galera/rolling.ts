import type { ObservedState } from '../../model/observed.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { isSynced, memberOn } from './member.ts';
import type { GaleraSettings } from './settings.ts';
import { successorOf, writerOf } from './writer.ts';

/** Who is unwell comes first, since nothing is lost there; the writer comes last, so that it moves once. */
export function changeOrder(
  instances: readonly Instance<GaleraSettings>[],
  topology: Topology,
  observed: ObservedState,
): readonly Instance<GaleraSettings>[] {
  const writer = writerOf(topology, observed);
  const rank = ({ host }: Instance<GaleraSettings>): number => {
    if (host.name === writer) return 2;
    return isSynced(memberOn(observed, host.name)) ? 1 : 0;
  };
  return instances.toSorted((left, right) => rank(left) - rank(right));
}

/** What is left while `instance` changes: "galera 2 of 3, writer ctl02". */
export function capacityWithout(
  { host, members }: Instance<GaleraSettings>,
  topology: Topology,
  observed: ObservedState,
): string {
  const left = members.filter(({ name }) => name !== host.name && isSynced(memberOn(observed, name))).length;
  const count = `galera ${left} of ${members.length}`;
  const writer = writerOf(topology, observed);
  if (writer === undefined) return count;
  if (writer !== host.name) return `${count}, writer ${writer}`;
  const successor = successorOf(topology, observed, host.name) ?? 'nobody';
  return `${count}, writer moves from ${host.name} to ${successor}`;
}
