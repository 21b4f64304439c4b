import type { Release } from './release.ts';

/** Which distribution a host runs; the platform table turns it into names and features. */
export interface PlatformChoice {
  readonly distribution: 'debian';
  readonly release: Release;
}

/** What differs between releases and matters to a service. */
export interface Platform extends PlatformChoice {
  readonly rabbitmq: {
    readonly majorVersion: 3 | 4;
    /** RabbitMQ 4 removed classic mirrored queues: notification queues are quorum queues there. */
    readonly mirroring: 'ha-mode' | 'quorum';
  };
  readonly mariadb: {
    /** Directory with the Galera library. */
    readonly galeraLibrary: string;
    /** MariaDB 11.8 (trixie) ships the `mariadb-*` names only. */
    readonly version: '10.11' | '11.8';
    /** Since 11.5 and 11.6.2 other collations and stricter snapshots are the default, which OpenStack was not written for. */
    readonly newerDefaults: boolean;
  };
  readonly python: {
    /** Since 3.13 `ssl.create_default_context` goes by RFC 5280 to the letter, and PyMySQL with it. */
    readonly verifiesStrictly: boolean;
  };
  readonly neutron: {
    /** Where the API runs in uwsgi nobody else looks after agents that died; Debian 13 has a package for it. */
    readonly hasPeriodicWorkers: boolean;
  };
  readonly haproxy: { readonly version: '2.6' | '3.0' };
  readonly keepalived: { readonly version: string };
  readonly nginx: {
    /** Since 1.25.1 HTTP/2 is a directive of its own, and Nginx warns of it on `listen`. */
    readonly http2Directive: boolean;
  };
  readonly horizon: {
    readonly wsgiFile: string;
    readonly settingsDirectory: string;
    readonly staticDirectory: string;
  };
}
