import type { Resource } from '../../model/resource.ts';
import { secretOf } from '../../model/secret.ts';
import type { Render } from '../../model/service.ts';
import type { Topology } from '../../model/topology.ts';
import { installedPackages, runningUnit } from '../../resources/index.ts';
import {
  apiAddress,
  apiDropIn,
  brokerValues,
  cacheServers,
  databaseValues,
  dropInOf,
  forgetProgram,
  identityOfType,
  secretFile,
  tokenCheckValues,
  uwsgiArguments,
  workerDropIn,
} from '../../resources/openstack/index.ts';
import {
  config,
  type NovaInstance,
  remembering,
  secretNames,
  systemUser,
  units,
  user,
  workers,
} from './names.ts';

export function resourcesFor(
  instance: NovaInstance,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  const { host, settings } = instance;
  const apiArguments = uwsgiArguments(
    { path: '/etc/default/nova-api', ini: '/etc/nova/nova-api-uwsgi.ini', ...settings, threads: 1 },
    host,
    render,
  );
  const metadataArguments = uwsgiArguments(
    {
      path: '/etc/default/nova-api-metadata',
      ini: '/etc/nova/nova-api-metadata-uwsgi.ini',
      port: settings.metadataPort,
      processes: settings.metadataProcesses,
      threads: 1,
    },
    host,
    render,
  );
  const running = (unit: string, more: readonly string[] = []) =>
    runningUnit(unit, { restartOn: [config, dropInOf(unit), ...more] });
  return [
    ...installedPackages('nova-api', 'nova-conductor', 'nova-scheduler', 'python3-memcache'),
    configFile(instance, topology, render),
    apiArguments,
    metadataArguments,
    forgetProgram(remembering, render),
    ...workers.flatMap((unit) => workerDropIn(unit, render)),
    ...[units.api, units.metadata].flatMap((unit) => apiDropIn(unit, render)),
    // The first of them starts when the schemas are there.
    ...workers.map((unit) => running(unit)),
    running(units.api, [apiArguments.path]),
    running(units.metadata, [metadataArguments.path]),
  ];
}

const configFile = ({ host, settings }: NovaInstance, topology: Topology, render: Render) =>
  secretFile({
    path: config,
    group: systemUser,
    template: 'nova/nova.conf.hbs',
    content: render('nova/nova.conf.hbs', {
      settings,
      address: apiAddress(host),
      hostName: host.name,
      database: databaseValues(user, topology),
      broker: brokerValues(host, topology),
      identity: tokenCheckValues(user, host, topology),
      placement: identityOfType('placement', topology),
      network: identityOfType('network', topology),
      metadataSecret: secretOf(topology.secrets, secretNames.metadata),
      caches: cacheServers(topology),
    }),
  });
