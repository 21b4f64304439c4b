import type { Identity } from '../../model/identity.ts';
import type { Validator } from '../../model/probe.ts';
import { programWith } from '../../model/shell-program.ts';
import { pythonCompiles } from '../../resources/index.ts';
import { optionsAreKnown, threadLocksOf } from '../../resources/openstack/index.ts';
import { defineApiService } from '../api-service.ts';
import keysNeededText from './keys-needed.sh';
import {
  api,
  credentialKeys,
  credentialRotation,
  databaseUser,
  fernetRotation,
  files,
  keyDirectories,
  secretNames,
  secrets,
  serviceName,
  systemUser,
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

/**
 * No change of keys makes a credential unreadable, whoever has changed them and how: a rollback over two rotations, or a
 * secrets file that somebody put back. Where the database does not answer nobody can tell, and keys stay as they are.
 */
const credentialKeysStay: Validator = {
  name: 'the keys of credentials',
  program: files.credentialKeysProgram,
  files: credentialKeys.map(({ file }) => `${keyDirectories.credential}/${file}`),
  script: programWith(keysNeededText, {
    values: { keys: keyDirectories.credential, program: files.credentialKeysProgram, user: systemUser },
  }),
};

/** Who may do what, and where everything is. */
export const keystone = defineApiService<KeystoneSettings>({
  name: serviceName,
  title: 'Keystone',
  after: ['galera', 'rabbitmq', 'memcached', 'haproxy', 'keepalived'],
  settings,
  perMachine: ['processes', 'threads'],
  apis: [api],
  config: files.config,
  // Six seconds on idle hosts.
  gateSeconds: 180,
  makeSchema: `runuser -u ${systemUser} -- keystone-manage db_sync`,
  secrets: () => secrets,
  rotations: ({ tokenMinutes }) => [{ ...fernetRotation, restMinutes: tokenMinutes }, credentialRotation],
  databases: () => [{ user: databaseUser, secret: secretNames.database, schemas: ['keystone'] }],
  identities: () => [administrator],
  resources: resourcesFor,
  validators: () => [
    pythonCompiles(threadLocksOf(serviceName)),
    pythonCompiles(files.credentialKeysProgram),
    credentialKeysStay,
    optionsAreKnown({
      path: files.config,
      declaredIn: '/usr/share/keystone/keystone.conf',
      program: '/usr/bin/keystone-manage',
    }),
  ],
});
