import { type ObservedState, reachable } from '../../model/observed.ts';
import type { Bootstrap } from '../../model/service.ts';
import { programWith } from '../../model/shell-program.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { withHeldUnits } from '../../resources/index.ts';
import formClusterText from './form-cluster.sh';
import { dataDirectory, groupPort, replicationAddress, serverSocket, unit } from './layout.ts';
import { memberOn } from './member.ts';
import { createAccounts } from './resources.ts';
import type { GaleraSettings } from './settings.ts';

/**
 * Forms the cluster on the first member, once in its life. Only when every member was seen and none ever belonged to
 * one: a second cluster beside an existing one would be worse than none. A first deploy that was interrupted right
 * after it may do it again, on the same member, which then is the only one with data and has no record of a start.
 */
export function firstStart(
  instances: readonly Instance<GaleraSettings>[],
  _topology: Topology,
  observed: ObservedState,
): Bootstrap | undefined {
  const members = instances[0]?.members ?? [];
  const [first, ...others] = members;
  if (!first) return undefined;
  const isNew = (host: string, mayHaveData: boolean): boolean => {
    const seen = reachable(observed, host);
    const member = memberOn(observed, host);
    if (!seen || !member || seen.records.has(unit)) return false;
    return mayHaveData || member.dataOf === undefined;
  };
  if (!isNew(first.name, true) || !others.every(({ name }) => isNew(name, false))) return undefined;
  return {
    host: first.name,
    unit,
    title: 'form the database cluster',
    script: formCluster(others.map(replicationAddress)),
  };
}

/** The accounts too: the others copy the data with one that must be there before they come. */
const formCluster = (others: readonly string[]): string =>
  programWith(withHeldUnits(`${formClusterText}${createAccounts}\n`), {
    values: { socket: serverSocket, data: dataDirectory, unit, group_port: groupPort },
    words: others,
  });
