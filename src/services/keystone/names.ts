import type { SecretSpec } from '../../model/secret.ts';
import type { Instance } from '../../model/topology.ts';
import { type Api, passwords } from '../../resources/openstack/index.ts';
import type { KeystoneSettings } from './settings.ts';

export const serviceName = 'keystone';
export const unit = 'keystone.service';
export const systemUser = 'keystone';
export const databaseUser = 'keystone';

export type KeystoneInstance = Instance<KeystoneSettings>;

export const api: Api<KeystoneSettings> = {
  name: 'keystone',
  service: serviceName,
  purpose: 'identity API',
  check: {
    path: '/healthcheck',
    expect: 200,
    unit,
    systemUser,
    databaseUser,
    warmUp: { kind: 'token' },
  },
  reach: 'world',
  // Who changes a password tells the old one and nothing else. Keystone takes slashes at the end for nothing.
  signIn: ['/v3/auth/tokens/*', '/v3/users/[^/]+/password/*'],
  portIn: ({ port }) => port,
  capacityIn: ({ processes, threads }) => ({ processes, slots: processes * threads }),
};

export const files = {
  config: '/etc/keystone/keystone.conf',
  arguments: '/etc/default/keystone',
  catalogue: '/etc/keystone/mcp-catalogue.json',
  users: '/etc/keystone/mcp-users.json',
  formerUsers: '/etc/keystone/mcp-former-users.json',
  catalogueProgram: '/usr/lib/mcp/keystone-catalogue',
  credentialsProgram: '/usr/lib/mcp/keystone-credentials',
  credentialKeysProgram: '/usr/lib/mcp/keystone-credential-keys',
} as const;

export const keyDirectories = {
  fernet: '/etc/keystone/fernet-keys',
  credential: '/etc/keystone/credential-keys',
} as const;

export const secretNames = {
  database: 'keystone.database',
  administrator: 'keystone.admin',
} as const;

/**
 * Keystone's key repositories: the key in file 0 is the next one, the one in the file with the highest number encrypts,
 * the others still decrypt. The planner puts each key into its new file before its old file gets another one, so that at no
 * moment a key is missing that some host encrypts with.
 */
export const fernetKeys = [
  { file: '1', secret: 'keystone.fernetPrevious' },
  { file: '2', secret: 'keystone.fernetPrimary' },
  { file: '0', secret: 'keystone.fernetNext' },
] as const;

/** A key waits a turn before it encrypts, so that by then every host can decrypt with it. */
export const fernetRotation = {
  name: 'fernet',
  chain: ['keystone.fernetPrevious', 'keystone.fernetPrimary', 'keystone.fernetNext'],
  renewed: { name: 'keystone.fernetNext', kind: 'fernet-key' },
} as const;

/** The one that encrypts is in `primaryFile`, the highest. */
export const credentialKeys = [
  { file: '1', secret: 'keystone.credentialPrevious' },
  { file: '2', secret: 'keystone.credentialPrimary' },
  { file: '0', secret: 'keystone.credentialNext' },
] as const;
export const primaryFile = '2';

/** What the oldest has encrypted is encrypted anew at the end of the deploy that brings the next: until then none moves. */
export const credentialRotation = {
  name: 'credential',
  chain: ['keystone.credentialPrevious', 'keystone.credentialPrimary', 'keystone.credentialNext'],
  renewed: { name: 'keystone.credentialNext', kind: 'fernet-key' },
  // Caches keep what was read with the former key for ten minutes (oslo.cache's expiration_time).
  restMinutes: 10,
} as const;

export const secrets: readonly SecretSpec[] = [
  ...passwords(secretNames.database, secretNames.administrator),
  ...[...fernetKeys, ...credentialKeys].map(
    ({ secret }): SecretSpec => ({ name: secret, kind: 'fernet-key' }),
  ),
];
