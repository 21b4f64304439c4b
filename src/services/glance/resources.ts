import type { Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import type { Topology } from '../../model/topology.ts';
import { directory, installedPackages, runningUnit } from '../../resources/index.ts';
import {
  apiAddress,
  apiDropIn,
  brokerValues,
  databaseValues,
  dropInOf,
  secretFile,
  tokenCheckValues,
} from '../../resources/openstack/index.ts';
import { config, type GlanceInstance, staging, systemUser, unit, user } from './names.ts';

export function resourcesFor(
  { host, settings }: GlanceInstance,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  return [
    ...installedPackages('glance-api', 'python3-memcache'),
    directory({ path: settings.store.path, mode: '0750', owner: systemUser, group: systemUser }),
    directory({ path: staging, mode: '0750', owner: systemUser, group: systemUser }),
    secretFile({
      path: config,
      group: systemUser,
      template: 'glance/glance-api.conf.hbs',
      content: render('glance/glance-api.conf.hbs', {
        settings,
        staging,
        address: apiAddress(host),
        database: databaseValues(user, topology),
        broker: brokerValues(host, topology),
        identity: tokenCheckValues(user, host, topology),
      }),
    }),
    ...apiDropIn(unit, render),
    runningUnit(unit, { restartOn: [config, dropInOf(unit)] }),
  ];
}
