import type { Identity } from '../../model/identity.ts';
import type { Instance } from '../../model/topology.ts';
import { type Api, logins, passwords, type Remembering } from '../../resources/openstack/index.ts';
import type { NovaSettings } from './settings.ts';

export const serviceName = 'nova';
export const units = {
  conductor: 'nova-conductor.service',
  scheduler: 'nova-scheduler.service',
  api: 'nova-api.service',
  metadata: 'nova-api-metadata.service',
} as const;
/** They take their work from the message broker, and start before the APIs. */
export const workers: readonly string[] = [units.conductor, units.scheduler];
export const systemUser = 'nova';
/** Of its database account and of its user in Keystone. */
export const user = 'nova';

export type NovaInstance = Instance<NovaSettings>;

// Its /healthcheck answers 300 (Zed): the list of versions is what says that it serves.
const check = { path: '/', expect: 200, systemUser, databaseUser: user } as const;

export const api: Api<NovaSettings> = {
  name: 'nova',
  service: serviceName,
  purpose: 'compute API',
  check: { ...check, unit: units.api, warmUp: { kind: 'list', path: '/v2.1/servers?limit=1', user } },
  reach: 'world',
  portIn: ({ port }) => port,
  // One thread a process: eventlet's locks bear no more.
  capacityIn: ({ processes }) => ({ processes, slots: processes }),
};

/** Asked by the network nodes for servers that ask who they are; never from outside. */
export const metadataApi: Api<NovaSettings> = {
  name: 'nova-metadata',
  service: serviceName,
  purpose: 'metadata of servers',
  check: { ...check, unit: units.metadata },
  reach: 'cloud',
  portIn: ({ metadataPort }) => metadataPort,
  capacityIn: ({ metadataProcesses }) => ({ processes: metadataProcesses, slots: metadataProcesses }),
};

export const config = '/etc/nova/nova.conf';

/** Conductors and schedulers that are gone are shown as down for ever otherwise. */
export const remembering: Remembering = { service: serviceName, config, systemUser };

export const schemas = { api: 'nova_api', cell: 'nova', cell0: 'nova_cell0' } as const;

export const secretNames = {
  database: 'nova.database',
  identity: 'nova.identity',
  /** Known to whoever passes on what servers ask about themselves. */
  metadata: 'nova.metadata',
} as const;

export const secrets = [
  ...passwords(secretNames.database, secretNames.metadata),
  ...logins(secretNames.identity),
];

export const identity: Identity = {
  kind: 'service',
  user,
  secret: secretNames.identity,
  catalogue: [
    { name: 'nova', type: 'compute', description: 'OpenStack Compute', listener: api.name, path: '/v2.1' },
  ],
};
