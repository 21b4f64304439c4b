import type { ObservedState } from '../../model/observed.ts';
import type { ScriptStep } from '../../model/step.ts';
import { type Instance, instancesOf, type Topology } from '../../model/topology.ts';
import { clientsAvoidSeconds, unit } from './layout.ts';
import { cacheOn } from './probe.ts';
import type { MemcachedSettings } from './settings.ts';

/**
 * Waits until the clients have every other cache again. Whoever meets one while it restarts asks it for nothing for
 * `clientsAvoidSeconds`, and with three restarted within that time there was no cache at all: Keystone computed each token
 * anew, and every API answered too late for 12 to 19 s (oslo.cache 3.10 on Debian 13, six requests a second).
 */
export function leaveSteps(
  { host }: Instance<MemcachedSettings>,
  topology: Topology,
  observed: ObservedState,
  units: ReadonlySet<string>,
): readonly ScriptStep[] {
  // One that nobody reaches yet is missed by nobody.
  if (!units.has(unit) || cacheOn(observed, host.name)?.version === undefined) return [];
  return instancesOf(topology, 'memcached')
    .filter(
      (other) => other.host.name !== host.name && cacheOn(observed, other.host.name)?.version !== undefined,
    )
    .map((other) => ({
      host: other.host.name,
      title: 'clients use Memcached here again',
      timeoutSeconds: clientsAvoidSeconds + 30,
      script: untilUpFor(clientsAvoidSeconds),
    }));
}

/** Both clocks begin when the machine boots. */
const untilUpFor = (seconds: number): string => `set -eu
began=$(systemctl show --value -p ActiveEnterTimestampMonotonic ${unit})
now=$(cut -d. -f1 /proc/uptime)
left=$((${seconds} - (now - began / 1000000)))
[ "$left" -le 0 ] || sleep "$left"
`;
