import type { Host } from '../../model/host.ts';
import { type ObservedState, reachable } from '../../model/observed.ts';
import type { Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import { directory } from '../directory.ts';
import { configFile } from '../file.ts';
import { removeMark, restMark, setMark } from '../rest-marks.ts';

/** Units of a service that take their work from the message broker: no load balancer could spare them. */
export interface Workers {
  readonly service: string;
  readonly units: readonly string[];
}

/** All units that answer no API. */
export const workersOf = (
  service: string,
  units: readonly string[],
  apis: readonly { readonly check: { readonly unit: string } }[],
): Workers => ({ service, units: units.filter((name) => apis.every(({ check }) => check.unit !== name)) });

/** They finish what they are at and stop, and do not start while the mark is there. */
export const restOf = ({ service, units }: Workers) => ({
  mark: () => `${setMark(restMark(service))}systemctl stop ${units.join(' ')}\n`,
  // Whether they come up is the checks' to see, and where there are none yet a deploy brings them.
  unmark: () =>
    `${removeMark(restMark(service))}systemctl start --no-block ${units.join(' ')} 2>/dev/null || :\n`,
});

/** Read by systemd at their next start: nothing is restarted for it. */
export const restDropIns = ({ service, units }: Workers, render: Render): readonly Resource[] =>
  units.flatMap((unit) => [
    directory({ path: `/etc/systemd/system/${unit}.d` }),
    configFile({
      path: `/etc/systemd/system/${unit}.d/mcp-rest.conf`,
      template: 'api/rest.conf.hbs',
      content: render('api/rest.conf.hbs', { mark: restMark(service) }),
    }),
  ]);

/** Those that run: what they are at would be missed. */
export const carriedByWorkers = (
  { units }: Workers,
  { name }: Host,
  observed: ObservedState,
): readonly string[] =>
  units
    .filter((unit) => reachable(observed, name)?.units.get(unit)?.activeState === 'active')
    .map((unit) => `takes messages with ${unit}`);
