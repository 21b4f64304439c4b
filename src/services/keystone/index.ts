import type { Identity } from '../../model/identity.ts';
import { pythonCompiles } from '../../resources/index.ts';
import { threadLocksOf } from '../../resources/openstack/index.ts';
import { defineApiService } from '../api-service.ts';
import {
  api,
  databaseUser,
  fernetRotation,
  files,
  secretNames,
  secrets,
  serviceName,
  systemUser,
  unit,
} from './names.ts';
import { resourcesFor } from './resources.ts';
import { type KeystoneSettings, settings } from './settings.ts';

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

/** Who may do what, and where everything is. */
export const keystone = defineApiService<KeystoneSettings>({
  name: serviceName,
  title: 'Keystone',
  after: ['galera', 'rabbitmq', 'memcached', 'haproxy', 'keepalived'],
  settings,
  apis: [api],
  units: [unit],
  config: files.config,
  // Six seconds on idle hosts.
  gateSeconds: 180,
  makeSchema: `runuser -u ${systemUser} -- keystone-manage db_sync`,
  secrets: () => secrets,
  rotations: ({ tokenMinutes }) => [{ ...fernetRotation, restMinutes: tokenMinutes }],
  databases: () => [{ user: databaseUser, secret: secretNames.database, schemas: ['keystone'] }],
  identities: () => [administrator],
  resources: resourcesFor,
  validators: () => [pythonCompiles(threadLocksOf(serviceName))],
});
