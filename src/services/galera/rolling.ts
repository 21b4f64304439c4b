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

/** What is left while `instance` changes: "2 of 3, writer ctl02". */
export function capacityWithout(
  { host, members }: Instance<GaleraSettings>,
  topology: Topology,
  observed: ObservedState,
): string {
  const synced = members.filter(({ name }) => isSynced(memberOn(observed, name)));
  if (synced.length === 0) return 'no member runs yet';
  const left = synced.filter(({ name }) => name !== host.name).length;
  const writer = writerOf(topology, observed);
  const count = `${left} of ${members.length}`;
  if (writer === undefined) return count;
  if (writer !== host.name) return `${count}, writer ${writer}`;
  return `${count}, writer moves to ${successorOf(topology, observed, host.name) ?? 'nobody'}`;
}
