import { apiChecks, apiProbe, apiStatus } from '../../health/index.ts';
import type { Identity } from '../../model/identity.ts';
import { defineService } from '../../model/service.ts';
import {
  apiAddress,
  apiListener,
  apiSocket,
  drainSteps,
  firstStartOf,
  returnSteps,
} from '../../resources/openstack/index.ts';
import {
  api,
  databaseUser,
  fernetRotation,
  files,
  type KeystoneInstance,
  secretNames,
  secrets,
  serviceName,
  systemUser,
  unit,
} from './names.ts';
import { resourcesFor } from './resources.ts';
import { type KeystoneSettings, settings } from './settings.ts';

/** Who may do what, and where everything is. */
export const keystone = defineService<KeystoneSettings>({
  name: serviceName,
  title: 'Keystone',
  roles: ['control'],
  after: ['galera', 'rabbitmq', 'memcached', 'haproxy', 'keepalived'],
  settings,
  rolling: { first: 'together', later: 'one-by-one' },
  quorum: 'one',
  gateSeconds: 180,
  secrets: () => secrets,
  rotations: ({ tokenMinutes }) => [{ ...fernetRotation, restMinutes: tokenMinutes }],
  sockets: (instance) => [apiSocket(api, instance)],
  listeners: (instances) => apiListener(api, instances),
  databases: () => [{ user: databaseUser, secret: secretNames.database, schemas: ['keystone'] }],
  identities: () => [administrator],
  resources: resourcesFor,
  probes: (instance) => [apiProbe(askedOn(instance))],
  checks: (instances) => apiChecks({ ...described, hosts: instances.map(({ host }) => host.name) }),
  status: (instances, _topology, observed) =>
    apiStatus({ ...described, hosts: instances.map(({ host }) => host.name) }, observed),
  leave: drainSteps,
  join: returnSteps,
  bootstrap: (instances, _topology, observed) =>
    firstStartOf({ unit, title: 'make the schema', prepare: makeSchema }, instances, observed),
  capacity: ({ members }) => `keystone ${members.length - 1} of ${members.length}`,
});

const described = {
  service: serviceName,
  title: 'Keystone',
  api: api.name,
  expect: api.check.expect,
  units: [unit],
};

const askedOn = ({ host, settings: { port } }: KeystoneInstance) => ({
  name: api.name,
  address: apiAddress(host),
  port,
  path: api.check.path,
  expect: api.check.expect,
  installed: files.config,
});

const administrator: Identity = {
  kind: 'administrator',
  user: 'admin',
  secret: secretNames.administrator,
  catalogue: [
    {
      name: 'keystone',
      type: 'identity',
      description: 'OpenStack Identity',
      listener: api.name,
      path: '/v3',
    },
  ],
};

const makeSchema = `runuser -u ${systemUser} -- keystone-manage db_sync`;
