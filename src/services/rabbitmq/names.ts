import type { Host } from '../../model/host.ts';
import type { SecretSpec } from '../../model/secret.ts';
import type { Instance } from '../../model/topology.ts';
import type { PythonProgram } from '../../resources/index.ts';
import type { RabbitmqSettings } from './settings.ts';

export const serviceName = 'rabbitmq';
export const unit = 'rabbitmq-server.service';
export const epmdSocket = 'epmd.socket';
export const syncTimer = 'mcp-rabbitmq-sync.timer';

export type RabbitmqInstance = Instance<RabbitmqSettings>;

export const ports = {
  amqp: 5672,
  amqps: 5671,
  management: 15672,
  distribution: 25672,
  epmd: 4369,
  watch: 25673,
} as const;

/** What carries both TLS and none between members, and where it is compiled to. */
export const carrierFolder = '/usr/lib/mcp/erlang';
export const certificateFolder = '/etc/rabbitmq/tls';

/** Keeps the members in one piece where the way between two of them is cut. */
export const watchProgram: PythonProgram = {
  path: '/usr/lib/mcp/broker-watch',
  template: 'rabbitmq/broker-watch',
  modules: ['broker', 'configuration', 'hearing', 'words'],
};
export const watchUnit = 'mcp-broker-watch.service';
/** There while this member stands apart from the others. */
export const apartMark = '/run/mcp-broker-watch/apart';
/** There while its clients are kept out, since it may be about to be alone. */
export const aloneMark = '/run/mcp-broker-watch/alone';

export const files = {
  config: '/etc/rabbitmq/rabbitmq.conf',
  environment: '/etc/rabbitmq/rabbitmq-env.conf',
  plugins: '/etc/rabbitmq/enabled_plugins',
  names: '/etc/rabbitmq/inetrc',
  distributionTls: '/etc/rabbitmq/distribution-tls.config',
  carrier: '/usr/lib/mcp/erlang/mcp_mixed_dist.erl',
  definitions: '/etc/rabbitmq/definitions.json',
  formerUsers: '/etc/mcp/rabbitmq-former-users',
  cookie: '/var/lib/rabbitmq/.erlang.cookie',
  nextCookie: '/etc/mcp/rabbitmq-cookie',
  admission: '/usr/lib/mcp/rabbitmq-admission',
  unitDropIn: `/etc/systemd/system/${unit}.d/mcp.conf`,
  epmdDropIn: `/etc/systemd/system/${epmdSocket}.d/mcp.conf`,
  monitorLogin: '/etc/mcp/rabbitmq-monitor',
  watchConfig: '/etc/mcp/broker-watch.json',
  watchService: `/etc/systemd/system/${watchUnit}`,
  sync: '/usr/lib/mcp/rabbitmq-sync',
  syncConfig: '/etc/mcp/rabbitmq-sync.json',
  syncService: '/etc/systemd/system/mcp-rabbitmq-sync.service',
  syncTimer: '/etc/systemd/system/mcp-rabbitmq-sync.timer',
} as const;

/** Clients and the management API are reached here. */
export const clientAddress = (host: Host): string => host.addresses.internal;

/** The members talk to each other here. */
export const clusterAddress = (host: Host): string => host.addresses.replication;

export const nodeName = (host: Pick<Host, 'name'>): string => `rabbit@${host.name}`;

/** Where a node keeps what it has. */
export const dataFolder = (host: Pick<Host, 'name'>): string => `/var/lib/rabbitmq/mnesia/${nodeName(host)}`;

export const secretNames = {
  cookie: 'rabbitmq.cookie',
  openstack: 'rabbitmq.openstack',
  monitor: 'rabbitmq.monitor',
  drill: 'rabbitmq.drill',
} as const;

/** Debian's maintainer script replaces a cookie of 20 upper-case letters, so ours is longer. */
export const secrets: readonly SecretSpec[] = [
  { name: secretNames.cookie, kind: 'cookie', length: 32 },
  { name: secretNames.openstack, kind: 'login', length: 32 },
  { name: secretNames.monitor, kind: 'login', length: 32 },
  { name: secretNames.drill, kind: 'login', length: 32 },
];

/** All services log in with it. */
export const openstackUser = 'openstack';
export const monitorUser = 'mcp_monitor';

export const drillUser = 'mcp_drill';
