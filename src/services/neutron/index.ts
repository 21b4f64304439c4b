import { forgetHost } from '../../resources/openstack/index.ts';
import { defineApiService } from '../api-service.ts';
import {
  api,
  files,
  identity,
  remembering,
  secretNames,
  secrets,
  serviceName,
  systemUser,
  units,
  user,
} from './names.ts';
import { resourcesFor } from './resources.ts';
import { type NeutronSettings, settings } from './settings.ts';

/** Networks: the API, and what its agents talk to. */
export const neutron = defineApiService<NeutronSettings>({
  name: serviceName,
  title: 'Neutron',
  after: ['keystone', 'nova'],
  settings,
  apis: [api],
  units: [units.api, units.rpc],
  config: files.config,
  // Eighteen seconds on idle hosts.
  gateSeconds: 240,
  makeSchema: `runuser -u ${systemUser} -- neutron-db-manage --config-file ${files.config} --config-file ${files.ml2} upgrade heads`,
  secrets: () => secrets,
  databases: () => [{ user, secret: secretNames.database, schemas: ['neutron'] }],
  identities: () => [identity],
  resources: resourcesFor,
  forget: (gone, staying, observed) => forgetHost(remembering, gone, staying, observed),
});
