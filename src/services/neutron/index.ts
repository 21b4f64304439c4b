import { forgetHost, optionsAreKnown } from '../../resources/openstack/index.ts';
import { defineApiService } from '../api-service.ts';
import { neutronMistakes } from './mistakes.ts';
import {
  api,
  files,
  identity,
  remembering,
  secretNames,
  secrets,
  serviceName,
  systemUser,
  user,
  workersOn,
} from './names.ts';
import { resourcesFor } from './resources.ts';
import { type NeutronSettings, settings } from './settings.ts';

/** Networks: the API, and what its agents talk to. */
export const neutron = defineApiService<NeutronSettings>({
  name: serviceName,
  title: 'Neutron',
  after: ['keystone', 'nova'],
  settings,
  perMachine: ['processes', 'rpcWorkers'],
  apis: [api],
  workers: workersOn,
  config: files.config,
  // Eighteen seconds on idle hosts.
  gateSeconds: 240,
  makeSchema: `runuser -u ${systemUser} -- neutron-db-manage --config-file ${files.config} --config-file ${files.ml2} upgrade heads`,
  secrets: () => secrets,
  databases: () => [{ user, secret: secretNames.database, schemas: ['neutron'] }],
  identities: () => [identity],
  resources: resourcesFor,
  mistakes: neutronMistakes,
  validators: () => [
    optionsAreKnown({
      path: files.config,
      declaredIn: '/usr/share/neutron-common/neutron.conf',
      program: '/usr/bin/neutron-db-manage',
    }),
    optionsAreKnown({
      path: files.ml2,
      declaredIn: '/usr/share/neutron-common/plugins/ml2/ml2_conf.ini',
      program: '/usr/bin/neutron-db-manage',
    }),
  ],
  forget: (gone, staying, observed) => forgetHost(remembering, gone, staying, observed),
});
