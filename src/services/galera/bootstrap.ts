import { type ObservedState, reachable } from '../../model/observed.ts';
import type { Bootstrap } from '../../model/service.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { quote } from '../../model/transport.ts';
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

const formCluster = (others: readonly string[]): string => `set -eu
state() {
  timeout -k 1 5 mariadb --no-defaults --socket=${serverSocket} -N -B \\
    -e "SHOW GLOBAL STATUS LIKE 'wsrep_local_state_comment'" 2>/dev/null | cut -f 2
}
for other in ${others.map(quote).join(' ')}; do
  if timeout 2 bash -c "exec 3<>/dev/tcp/$other/${groupPort}" 2>/dev/null; then
    echo "a member already runs at $other: this would make a second cluster" >&2
    exit 1
  fi
done
if [ "$(state)" != Synced ]; then
  # Only an interrupted first deploy leaves data behind here, and this member is the only one that has it.
  if [ -f ${dataDirectory}/grastate.dat ]; then
    sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' ${dataDirectory}/grastate.dat
  fi
  systemctl stop ${unit}
  galera_new_cluster
fi
attempts=0
until [ "$(state)" = Synced ]; do
  attempts=$((attempts + 1))
  if [ "$attempts" -gt 60 ]; then
    echo "the first member is not Synced after 30 s" >&2
    exit 1
  fi
  sleep 0.5
done
# The others copy the data with an account that must be there before they come.
${createAccounts}
`;
