import type { Identity } from '../../model/identity.ts';
import type { Instance } from '../../model/topology.ts';
import { type Api, logins, passwords } from '../../resources/openstack/index.ts';
import type { GlanceSettings } from './settings.ts';

export const serviceName = 'glance';
export const unit = 'glance-api.service';
export const systemUser = 'glance';
/** Of its database account and of its user in Keystone. */
export const user = 'glance';

export type GlanceInstance = Instance<GlanceSettings>;

export const api: Api<GlanceSettings> = {
  name: 'glance',
  service: serviceName,
  purpose: 'image API',
  check: {
    path: '/healthcheck',
    expect: 200,
    unit,
    systemUser,
    databaseUser: user,
    warmUp: { kind: 'list', path: '/v2/images?limit=1', user },
  },
  reach: 'world',
  portIn: ({ port }) => port,
  // Uploads take minutes, and each of its processes works on many at a time: no slots.
  capacityIn: ({ workers }) => ({ processes: workers }),
};

export const config = '/etc/glance/glance-api.conf';

/** Where an image lies until it is imported: on the host that took it in. */
export const staging = '/var/lib/glance/staging';

export const secretNames = { database: 'glance.database', identity: 'glance.identity' } as const;

export const secrets = [...passwords(secretNames.database), ...logins(secretNames.identity)];

export const identity: Identity = {
  kind: 'service',
  user,
  secret: secretNames.identity,
  catalogue: [
    { name: 'glance', type: 'image', description: 'OpenStack Image', listener: api.name, path: '' },
  ],
};
