import type { Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import type { Topology } from '../../model/topology.ts';
import { installedPackages, runningUnit } from '../../resources/index.ts';
import {
  apiDropIn,
  databaseValues,
  dropInOf,
  secretFile,
  threadLocks,
  tokenCheckValues,
  uwsgiArguments,
} from '../../resources/openstack/index.ts';
import { config, type PlacementInstance, serviceName, systemUser, unit, user } from './names.ts';

export function resourcesFor(
  { host, settings }: PlacementInstance,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  const locks = threadLocks(serviceName, render);
  const launcher = uwsgiArguments(
    {
      path: '/etc/default/placement-api',
      ini: '/etc/placement/placement-api-uwsgi.ini',
      firstReads: locks.path,
      ...settings,
    },
    host,
    render,
  );
  return [
    ...installedPackages('placement-api', 'python3-memcache'),
    secretFile({
      path: config,
      group: systemUser,
      template: 'placement/placement.conf.hbs',
      content: render('placement/placement.conf.hbs', {
        database: databaseValues(user, topology),
        identity: tokenCheckValues(user, host, topology),
      }),
    }),
    locks,
    launcher,
    ...apiDropIn(unit, render),
    runningUnit(unit, { restartOn: [config, locks.path, launcher.path, dropInOf(unit)] }),
  ];
}
