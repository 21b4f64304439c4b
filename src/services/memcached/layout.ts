import type { Host } from '../../model/host.ts';

/** Names and places that the parts of this service share. */
export const unit = 'memcached.service';
export const port = 11_211;
export const statusProbe = 'memcached.status';

/**
 * Seconds in which clients leave one alone after it has failed them: `memcache_dead_retry` of shared/cache.hbs, and what
 * passes until the last of them, which asks seldom, has noticed.
 */
export const clientsAvoidSeconds = 30 + 8;

/** API workers and dashboards of this cloud reach it there. */
export const listenAddress = (host: Host): string => host.addresses.internal;
