import type { Release } from '../model/release.ts';
import { platformOf } from '../platform/index.ts';

/**
 * Debian packages that are in the lab's `stocked` image and in the repository of every lab host: what the services
 * install, and what an operator wants at hand on such a host.
 */
export const labPackages = (release: Release): readonly string[] => [
  ...common,
  ...(platformOf({ distribution: 'debian', release }).neutron.hasPeriodicWorkers
    ? ['neutron-periodic-workers']
    : []),
];

const common = [
  'ca-certificates',
  'chrony',
  'curl',
  'galera-4',
  'glance-api',
  'haproxy',
  'iproute2',
  'iputils-ping',
  'keepalived',
  'keystone',
  'lsof',
  'mariadb-backup',
  'mariadb-server',
  'memcached',
  'neutron-api',
  'neutron-rpc-server',
  'nftables',
  'nginx',
  'nova-api',
  'nova-conductor',
  'nova-scheduler',
  'openssl',
  'openstack-dashboard',
  'placement-api',
  'procps',
  'psmisc',
  'pv',
  'python3',
  'python3-memcache',
  'python3-openstackclient',
  'python3-openstacksdk',
  'python3-pymemcache',
  'python3-pymysql',
  'rabbitmq-server',
  'rsync',
  'socat',
  'sudo',
  'uwsgi-core',
  'uwsgi-plugin-python3',
];
