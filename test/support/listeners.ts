import type { Host } from '../../src/model/host.ts';
import type { Listener } from '../../src/model/listener.ts';

/** The listeners of the core, as Galera, RabbitMQ and Horizon contribute them. */
export function coreListeners(hosts: readonly Host[]): readonly Listener[] {
  const serversOn = (role: Host['roles'][number], port: number) =>
    hosts
      .filter(({ roles }) => roles.includes(role))
      .map(({ name, addresses }) => ({ host: name, address: addresses.internal, port }));
  return [
    {
      name: 'galera',
      service: 'galera',
      role: 'database',
      port: 3306,
      kind: 'single-writer',
      servers: serversOn('database', 3306),
      check: { kind: 'direct', port: 9200, path: '/writer', expect: 200 },
      reach: 'cloud',
      from: 'cloud',
      statics: [],
    },
    {
      name: 'rabbitmq-management',
      service: 'rabbitmq',
      role: 'control',
      port: 15672,
      kind: 'http',
      servers: serversOn('messaging', 15672),
      check: { kind: 'direct', port: 15672, path: '/api/health/checks/local-alarms', expect: 200 },
      reach: 'cloud',
      from: 'cloud',
      statics: [],
    },
    {
      name: 'horizon',
      service: 'horizon',
      role: 'proxy',
      port: 443,
      kind: 'http',
      servers: serversOn('proxy', 8080),
      check: { kind: 'direct', port: 8080, path: '/auth/login/', expect: 200 },
      reach: 'world',
      from: 'anyone',
      statics: [{ prefix: '/static', directory: '/var/lib/openstack-dashboard/static' }],
    },
  ];
}
