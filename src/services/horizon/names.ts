import type { Host } from '../../model/host.ts';
import type { Instance } from '../../model/topology.ts';
import type { HorizonSettings } from './settings.ts';

export const serviceName = 'horizon';
export const unit = 'horizon.service';
export const role = 'proxy';
export const secretKey = 'horizon.secretKey';
export const databaseSecret = 'horizon.database';
export const databaseUser = 'horizon';
export const systemUser = 'www-data';

export type HorizonInstance = Instance<HorizonSettings>;

export const files = {
  unit: `/etc/systemd/system/${unit}`,
  uwsgi: '/etc/openstack-dashboard/uwsgi.ini',
  gate: '/usr/lib/mcp/horizon-gate',
  application: '/usr/lib/mcp/horizon-wsgi.py',
} as const;

/** Read last of the directory, after what Debian puts there. */
export const settingsFile = ({ platform }: Host): string =>
  `${platform.horizon.settingsDirectory}/_9999_mcp.py`;

/** Where the dashboard listens. */
export const ownAddress = (host: Host): string => host.addresses.internal;

export const signInPath = '/auth/login/';

/** Where a password is tried: also by who changes one that has expired. */
export const passwordPaths = ['/auth/login/*', '/auth/password/[^/]+/*'] as const;
