import { type ObservedState, reachable } from '../../model/observed.ts';
import type { FileResource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import type { ScriptStep } from '../../model/step.ts';
import type { Instance } from '../../model/topology.ts';
import { quote } from '../../model/transport.ts';
import { configFile } from '../file.ts';

/** A service that keeps records of the hosts on which it runs, and shows them as dead when they are gone. */
export interface Remembering {
  readonly service: string;
  /** Where its logins stand. */
  readonly config: string;
  /** Who may read that. */
  readonly systemUser: string;
}

/** The program by which it forgets one; on every host, since any may be the one that is asked. */
export const forgetProgram = ({ service }: Remembering, render: Render): FileResource =>
  configFile({
    path: programOf(service),
    template: `${service}/forget-host.py`,
    content: render(`${service}/forget-host.py`, {}),
  });

/** Has the service delete its records of a host that has left, asked from one that stays. */
export function forgetHost(
  { service, config, systemUser }: Remembering,
  { host }: Instance,
  staying: readonly Instance[],
  observed: ObservedState,
): readonly ScriptStep[] {
  const teller = staying.find((instance) => reachable(observed, instance.host.name) !== undefined);
  if (teller === undefined) return [];
  return [
    {
      host: teller.host.name,
      title: `have ${service} forget ${host.name}`,
      // Tried again, since one refused connection must not end the run: what it asks for is behind the VIPs.
      script: `[ -r ${programOf(service)} ] || exit 0
for try in 1 2 3; do
  runuser -u ${systemUser} -- python3 -I ${programOf(service)} ${config} ${quote(host.name)} && exit 0
  sleep 3
done
exit 1
`,
      timeoutSeconds: 180,
    },
  ];
}

const programOf = (service: string): string => `/usr/lib/mcp/${service}-forget-host.py`;
