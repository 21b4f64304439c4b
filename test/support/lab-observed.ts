import { readFileSync } from 'node:fs';
import type { ObservedState, ReachableHost } from '../../src/model/observed.ts';
import { instancesOf, type Topology } from '../../src/model/topology.ts';
import { policiesFor } from '../../src/services/rabbitmq/policies.ts';
import { settings as rabbitmqSettings } from '../../src/services/rabbitmq/settings.ts';
import { observed, observedHost, unreachableHost } from './observed.ts';

/** What is not well in a cloud that is well otherwise. */
export interface Told {
  /** Hosts that do not answer. */
  readonly dead?: readonly string[];
  /** Hosts whose database member takes no clients, though the host is alive. */
  readonly withoutDatabase?: readonly string[];
  /** Hosts whose broker takes no clients. */
  readonly withoutBroker?: readonly string[];
  /** Members that a Galera member sees, by its host, where they are not those alive. */
  readonly sees?: Readonly<Record<string, number>>;
  /** Units that have failed, by host. */
  readonly failed?: Readonly<Record<string, readonly string[]>>;
  /** Servers that every load balancer has down, as `LISTENER/HOST`. */
  readonly down?: readonly string[];
  /** Hosts on which the APIs answer 500. */
  readonly apisFail?: readonly string[];
}

/** What the hosts of a whole topology answer to every probe. */
export function observeWhole(topology: Topology, told: Told = {}): ObservedState {
  const { dead = [] } = told;
  return observed(
    ...topology.hosts.map(({ name }) =>
      dead.includes(name) ? unreachableHost(name) : observedHost(name, answersOf(name, topology, told)),
    ),
  );
}

function answersOf(host: string, topology: Topology, told: Told) {
  const failed = told.failed?.[host] ?? [];
  const runs = (service: string) => instancesOf(topology, service).some((each) => each.host.name === host);
  return {
    units: Object.fromEntries(units.map((unit) => [unit, failed.includes(unit) ? 'failed' : 'active'])),
    addresses: topology.vips.filter((vip) => holderOf(vip, told) === host).map(({ address }) => address),
    probes: {
      'host.clock': clock,
      'keepalived.vips': vipsOn(host, topology, told),
      ...(runs('galera') ? { 'galera.status': memberOn(host, topology, told) } : {}),
      ...(runs('rabbitmq') ? { 'rabbitmq.view': brokerOn(host, topology, told) } : {}),
      ...(runs('memcached') ? { 'memcached.status': 'VERSION 1.6.18\nSTAT curr_connections 1\n' } : {}),
      ...(runs('api-checker') ? { 'api-checker.own': checkerOn(host, told) } : {}),
      ...(runs('keystone') ? repliesOfApis(host, told) : {}),
      ...(runs('haproxy')
        ? {
            'haproxy.haproxy-api': balancerOn(topology, told, 'control'),
            'haproxy.haproxy-sql': balancerOn(topology, told, 'database'),
          }
        : {}),
      ...(runs('nginx')
        ? { 'nginx.front': pagesOn(topology, told), 'horizon.page': 'status=200 form=yes milliseconds=9\n' }
        : {}),
    },
  } satisfies Parameters<typeof observedHost>[1] & Partial<Pick<ReachableHost, 'addresses'>>;
}

const clock = readFileSync(new URL('../services/host/replies/own-clock.txt', import.meta.url), 'utf8');

const units = [
  'mariadb.service',
  'rabbitmq-server.service',
  'haproxy-api.service',
  'haproxy-sql.service',
  'keepalived.service',
  'mcp-vip-watch.service',
  'nginx.service',
  'keystone.service',
  'glance-api.service',
  'placement-api.service',
  'nova-conductor.service',
  'nova-scheduler.service',
  'nova-api.service',
  'nova-api-metadata.service',
  'neutron-api.service',
  'neutron-rpc-server.service',
];
const apis = ['keystone', 'glance', 'placement', 'nova', 'nova-metadata', 'neutron'];

const isDead = (host: string, { dead = [] }: Told): boolean => dead.includes(host);

const holderOf = ({ candidates }: Topology['vips'][number], told: Told): string | undefined =>
  candidates.find(({ name }) => !isDead(name, told))?.name;

function vipsOn(host: string, { vips }: Topology, told: Told): string {
  const mine = vips.filter(({ candidates }) => candidates.some(({ name }) => name === host));
  return [
    'maintenance=0',
    ...mine.flatMap((vip) => [
      `state.${vip.name}=${holderOf(vip, told) === host ? 'MASTER' : 'BACKUP'}`,
      `mark.${vip.name}=0`,
      `stations.${vip.name}={"looked": 2486.55, "stations": []}`,
    ]),
    'uptime=2487.01',
    `macs= 00:00:00:00:00:00 mac-of-${host}`,
    ...vips.map(({ name }) => `answers.${name}=yes`),
  ].join('\n');
}

function memberOn(host: string, topology: Topology, told: Told): string {
  const members = instancesOf(topology, 'galera').map((each) => each.host.name);
  const alive = members.filter((name) => !isDead(name, told));
  const isOut = told.withoutDatabase?.includes(host) === true || alive.length * 2 <= members.length;
  const writer = alive.find(
    (name) => !told.withoutDatabase?.includes(name) && alive.length * 2 > members.length,
  );
  return [
    'installed=yes',
    'answers=yes',
    `wsrep_cluster_size=${told.sees?.[host] ?? alive.length}`,
    'wsrep_cluster_state_uuid=6f0f4a1c-0000-11ef-8000-000000000001',
    `wsrep_cluster_status=${isOut ? 'non-Primary' : 'Primary'}`,
    `wsrep_local_state_comment=${isOut ? 'Initialized' : 'Synced'}`,
    `wsrep_ready=${isOut ? 'OFF' : 'ON'}`,
    'wsrep_connected=ON',
    'wsrep_local_recv_queue=0',
    'wsrep_desync=OFF',
    'wsrep_reject_queries=NONE',
    'balancer.stat # svname,scur,status',
    ...members.map((name) => `balancer.stat ${name},0,${isUp(`galera/${name}`, name, told) ? 'UP' : 'DOWN'}`),
    `balancer.table 0x55: key=1 use=0 exp=0 server_id=1 server_key=${writer ?? ''}`,
    ...(writer === undefined ? [] : [`vip=${writer}`]),
  ].join('\n');
}

function brokerOn(host: string, topology: Topology, told: Told): string {
  const members = instancesOf(topology, 'rabbitmq').map((each) => each.host);
  const alive = members.filter(({ name }) => !isDead(name, told));
  if (told.withoutBroker?.includes(host) || alive.length * 2 <= members.length) return '';
  const [first] = members;
  const body = (name: string, value: unknown) => `== ${name}\nHTTP/1.1 200 OK\n\n${JSON.stringify(value)}\n`;
  const nodes = members.map(({ name }) => ({
    name: `rabbit@${name}`,
    running: alive.some((each) => each.name === name) && !told.withoutBroker?.includes(name),
  }));
  return [
    body('nodes', nodes),
    body('policies', first ? policiesFor(rabbitmqSettings.parse({}), first.platform) : []),
    body('queues', { items: [], total_count: 0, filtered_count: 0 }),
    '== guest\nHTTP/1.1 401 Unauthorized\n\n{}\n',
  ].join('');
}

const checkerOn = (host: string, { withoutDatabase = [] }: Told): string =>
  apis
    .map((api) =>
      withoutDatabase.includes(host) ? `${api} unwell 0.3 in nobody is well` : `${api} well 0.3 in well`,
    )
    .join('\n');

const repliesOfApis = (host: string, { apisFail = [] }: Told) =>
  Object.fromEntries(
    apis.map((api) => [`${api}.api`, `status=${apisFail.includes(host) ? 500 : 200} milliseconds=5`]),
  );

const isUp = (server: string, host: string, told: Told): boolean =>
  !isDead(host, told) && !told.down?.includes(server);

function balancerOn({ listeners }: Topology, told: Told, role: string): string {
  const rows = listeners
    .filter((listener) => listener.role === role)
    .flatMap(({ name, servers }) => {
      const up = servers.filter(({ host }) => isUp(`${name}/${host}`, host, told));
      return [
        ...servers.map(
          (server) => `${name},${server.host},${up.includes(server) ? 'UP,L7OK' : 'DOWN,L4CON'}`,
        ),
        `${name},BACKEND,${up.length > 0 ? 'UP' : 'DOWN'},`,
      ];
    });
  return ['### show stat -1 6 -1', '# pxname,svname,status,check_status', ...rows, ''].join('\n');
}

function pagesOn({ listeners, vips }: Topology, told: Told): string {
  const [vip] = vips.filter(({ role }) => role === 'proxy');
  const own = listeners.filter(({ role }) => role === 'proxy');
  const asked = listeners.filter(
    ({ role, reach }) => role === 'proxy' || (role === 'control' && reach === 'world'),
  );
  return [
    ...own.flatMap(({ name, servers }) =>
      servers.map(({ host }) => `server ${name} ${host} ${isDead(host, told) ? 'no' : 'yes'}`),
    ),
    ...asked.map(({ name, check }) => `page ${vip?.name} ${name} ${check.expect}`),
  ].join('\n');
}
