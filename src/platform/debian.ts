import type { Platform } from '../model/platform.ts';

/** Debian's dashboard packages have kept the same paths over both releases. */
const dashboard = {
  wsgiFile: '/usr/share/openstack-dashboard/wsgi.py',
  settingsDirectory: '/etc/openstack-dashboard/local_settings.d',
  staticDirectory: '/var/lib/openstack-dashboard/static',
} as const;

/** One library under /usr/lib/galera, owned by the package galera-4 in both releases. */
const galeraLibrary = '/usr/lib/galera/libgalera_smm.so';

/** Debian 12. */
export const bookworm: Platform = {
  distribution: 'debian',
  release: 'bookworm',
  rabbitmq: { majorVersion: 3, mirroring: 'ha-mode' },
  mariadb: { galeraLibrary, version: '10.11', newerDefaults: false },
  python: { verifiesStrictly: false },
  neutron: { hasPeriodicWorkers: false },
  haproxy: { version: '2.6' },
  keepalived: { version: '2.2.7' },
  nginx: { http2Directive: false },
  horizon: dashboard,
};

/** Debian 13. RabbitMQ 4 has no mirrored classic queues any more: what was mirrored is a quorum queue. */
export const trixie: Platform = {
  distribution: 'debian',
  release: 'trixie',
  rabbitmq: { majorVersion: 4, mirroring: 'quorum' },
  mariadb: { galeraLibrary, version: '11.8', newerDefaults: true },
  python: { verifiesStrictly: true },
  neutron: { hasPeriodicWorkers: true },
  haproxy: { version: '3.0' },
  keepalived: { version: '2.3.3' },
  nginx: { http2Directive: true },
  horizon: dashboard,
};
