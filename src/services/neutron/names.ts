import type { Host } from '../../model/host.ts';
import type { Identity } from '../../model/identity.ts';
import type { Instance } from '../../model/topology.ts';
import { type Api, logins, passwords, type Remembering } from '../../resources/openstack/index.ts';
import type { NeutronSettings } from './settings.ts';

export const serviceName = 'neutron';
export const units = {
  api: 'neutron-api.service',
  rpc: 'neutron-rpc-server.service',
  periodic: 'neutron-periodic-workers.service',
} as const;
/** Debian 12 has no program for what the others leave undone where the API runs in uwsgi. */
export const workersOn = ({ platform }: Host): readonly string[] => [
  units.rpc,
  ...(platform.neutron.hasPeriodicWorkers ? [units.periodic] : []),
];
export const systemUser = 'neutron';
/** Of its database account and of its user in Keystone. */
export const user = 'neutron';

export type NeutronInstance = Instance<NeutronSettings>;

export const api: Api<NeutronSettings> = {
  name: 'neutron',
  service: serviceName,
  purpose: 'network API',
  check: {
    path: '/healthcheck',
    expect: 200,
    unit: units.api,
    systemUser,
    databaseUser: user,
    warmUp: { kind: 'list', path: '/v2.0/networks?limit=1', user },
  },
  reach: 'world',
  portIn: ({ port }) => port,
  // One thread a process: eventlet's locks bear no more.
  capacityIn: ({ processes }) => ({ processes, slots: processes }),
};

export const files = {
  config: '/etc/neutron/neutron.conf',
  ml2: '/etc/neutron/plugins/ml2/ml2_conf.ini',
} as const;

/** Agents that are gone are shown as dead for ever otherwise. */
export const remembering: Remembering = {
  service: serviceName,
  config: files.config,
  systemUser,
};

export const secretNames = { database: 'neutron.database', identity: 'neutron.identity' } as const;

export const secrets = [...passwords(secretNames.database), ...logins(secretNames.identity)];

export const identity: Identity = {
  kind: 'service',
  user,
  secret: secretNames.identity,
  catalogue: [
    { name: 'neutron', type: 'network', description: 'OpenStack Networking', listener: api.name, path: '' },
  ],
};
