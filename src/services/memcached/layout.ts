import type { Host } from '../../model/host.ts';

/** Names and places that the parts of this service share. */
export const unit = 'memcached.service';
export const port = 11_211;
export const statusProbe = 'memcached.status';

/** API workers and dashboards of this cloud reach it there. */
export const listenAddress = (host: Host): string => host.addresses.internal;
