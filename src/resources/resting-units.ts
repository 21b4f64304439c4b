import type { Resource } from '../model/resource.ts';
import type { Render } from '../model/service.ts';
import { directory } from './directory.ts';
import { configFile } from './file.ts';
import { withHeldUnits } from './held-unit.ts';
import { removeMark, restMark, setMark } from './rest-marks.ts';

/** Units that stop on a host in maintenance: nothing else could keep work from them, or others from counting on them. */
export interface RestingUnits {
  /** Names the mark. */
  readonly service: string;
  readonly units: readonly string[];
}

/** They finish what they are at and stop, and do not start while the mark is there. */
export const restOf = ({ service, units }: RestingUnits) => ({
  mark: () => `${setMark(restMark(service))}systemctl stop ${units.join(' ')}\n`,
  // Whether they come up is the checks' to see, and where there are none yet a deploy brings them.
  unmark: () =>
    withHeldUnits(`${removeMark(restMark(service))}${units.map((unit) => `release_unit ${unit}\n`).join('')}
systemctl start --no-block ${units.join(' ')} 2>/dev/null || :\n`),
});

/** Read by systemd at their next start: nothing is restarted for it. */
export const restDropIns = ({ service, units }: RestingUnits, render: Render): readonly Resource[] =>
  units.flatMap((unit) => [
    directory({ path: `/etc/systemd/system/${unit}.d` }),
    configFile({
      path: `/etc/systemd/system/${unit}.d/mcp-rest.conf`,
      template: 'host/rest.conf.hbs',
      content: render('host/rest.conf.hbs', { mark: restMark(service) }),
    }),
  ]);
