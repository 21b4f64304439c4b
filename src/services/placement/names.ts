import type { Identity } from '../../model/identity.ts';
import type { Instance } from '../../model/topology.ts';
import { type Api, logins, passwords } from '../../resources/openstack/index.ts';
import type { PlacementSettings } from './settings.ts';

export const serviceName = 'placement';
export const unit = 'placement-api.service';
export const systemUser = 'placement';
/** Of its database account and of its user in Keystone. */
export const user = 'placement';

export type PlacementInstance = Instance<PlacementSettings>;

export const api: Api<PlacementSettings> = {
  name: 'placement',
  service: serviceName,
  purpose: 'placement API',
  // Its /healthcheck wants a token (Zed); the list of versions does not.
  check: {
    path: '/',
    expect: 200,
    unit,
    systemUser,
    databaseUser: user,
    // The oldest of its lists: the others are not there for a client that names no version. None has this name.
    warmUp: { kind: 'list', path: '/resource_providers?name=warm-up', user },
  },
  reach: 'world',
  portIn: ({ port }) => port,
  capacityIn: ({ processes, threads }) => ({ processes, slots: processes * threads }),
};

export const config = '/etc/placement/placement.conf';

export const secretNames = { database: 'placement.database', identity: 'placement.identity' } as const;

export const secrets = [...passwords(secretNames.database), ...logins(secretNames.identity)];

export const identity: Identity = {
  kind: 'service',
  user,
  secret: secretNames.identity,
  catalogue: [
    {
      name: 'placement',
      type: 'placement',
      description: 'OpenStack Placement',
      listener: api.name,
      path: '',
    },
  ],
};
