import type { Resource } from '../../model/resource.ts';
import type { Render } from '../../model/service.ts';
import type { Topology } from '../../model/topology.ts';
import { configFile, directory, installedPackages, runningUnit } from '../../resources/index.ts';
import {
  apiAddress,
  apiDropIn,
  brokerValues,
  databaseValues,
  dropInOf,
  forgetProgram,
  identityOfType,
  secretFile,
  tokenCheckValues,
  uwsgiArguments,
  workerDropIn,
} from '../../resources/openstack/index.ts';
import { files, type NeutronInstance, remembering, systemUser, units, user } from './names.ts';

export function resourcesFor(
  { host, settings }: NeutronInstance,
  topology: Topology,
  render: Render,
): readonly Resource[] {
  const launcher = uwsgiArguments(
    // Its start script calls itself neutron-server.
    {
      path: '/etc/default/neutron-server',
      ini: '/etc/neutron/neutron-api-uwsgi.ini',
      ...settings,
      threads: 1,
    },
    host,
    render,
  );
  const read = [files.config, files.ml2];
  return [
    ...installedPackages('neutron-api', 'neutron-rpc-server', 'python3-memcache'),
    directory({ path: '/etc/neutron/plugins/ml2' }),
    forgetProgram(remembering, render),
    secretFile({
      path: files.config,
      group: systemUser,
      template: 'neutron/neutron.conf.hbs',
      content: render('neutron/neutron.conf.hbs', {
        settings,
        address: apiAddress(host),
        database: databaseValues(user, topology),
        broker: brokerValues(host, topology),
        identity: tokenCheckValues(user, host, topology),
        compute: identityOfType('compute', topology),
      }),
    }),
    secretFile({
      path: files.ml2,
      group: systemUser,
      template: 'neutron/ml2_conf.ini.hbs',
      content: render('neutron/ml2_conf.ini.hbs', {
        settings,
        hasGeneve: settings.typeDrivers.includes('geneve'),
        hasGre: settings.typeDrivers.includes('gre'),
      }),
    }),
    launcher,
    ...apiDropIn(units.api, render),
    ...workerDropIn(units.rpc, render),
    runningUnit(units.rpc, { restartOn: [...read, dropInOf(units.rpc)] }),
    ...(host.platform.neutron.hasPeriodicWorkers ? periodicWorkers(read, render) : []),
    runningUnit(units.api, { restartOn: [...read, launcher.path, dropInOf(units.api)] }),
  ];
}

function periodicWorkers(read: readonly string[], render: Render): readonly Resource[] {
  const unit = configFile({
    path: `/etc/systemd/system/${units.periodic}`,
    template: 'neutron/neutron-periodic-workers.service.hbs',
    content: render('neutron/neutron-periodic-workers.service.hbs', {}),
  });
  return [
    ...installedPackages('neutron-periodic-workers'),
    unit,
    runningUnit(units.periodic, { restartOn: [...read, unit.path] }),
  ];
}
