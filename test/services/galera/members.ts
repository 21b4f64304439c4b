import { McpError } from '../../../src/model/failure.ts';
import type {
  HostObservation,
  ObservedState,
  ObservedUnit,
  UnitRecord,
} from '../../../src/model/observed.ts';
import type { Topology } from '../../../src/model/topology.ts';
import { galera } from '../../../src/services/galera/index.ts';
import { haproxy } from '../../../src/services/haproxy/index.ts';
import { aTopology, fiveHosts, instancesFor, secretsNamed } from '../../support/topology.ts';

const settings = galera.settings.parse({});
const hosts = fiveHosts().slice(0, 3);
export const names = hosts.map(({ name }) => name);
export const instances = instancesFor('galera', settings, hosts);

/** Three members behind one VIP, as the lab has them. */
export const topology: Topology = aTopology({
  fronts: haproxy.fronts?.(haproxy.settings.parse({})) ?? [],
  secrets: secretsNamed('galera.probe', 'galera.drill'),
  instances,
});
const vip = topology.vips.find(({ role }) => role === 'database')?.address ?? '';

/** What differs from a healthy member. */
export interface Told {
  readonly unreachable?: boolean;
  readonly installed?: boolean;
  readonly unit?: string;
  readonly answers?: boolean;
  readonly values?: Readonly<Record<string, string>>;
  /** State of each server as its HAProxy says, first to last; `none`: there is no HAProxy. */
  readonly servers?: readonly string[] | 'none';
  readonly sessions?: readonly number[];
  readonly remembered?: string;
  readonly throughVip?: string;
  readonly holdsVip?: boolean;
  readonly cluster?: string | 'none';
  /** Hosts of the last group that it remembers. */
  readonly group?: readonly string[];
  /** `seqno` and `safe_to_bootstrap` as it left them. */
  readonly saved?: readonly [seqno: number, safe: 0 | 1];
  /** What it says of how far its data goes. */
  readonly position?: Readonly<Record<string, string>>;
  readonly unchangedSeconds?: number;
  readonly records?: readonly string[];
}

/** The cluster as the probe would tell it, `told` by host; who is not named is healthy, and ctl01 holds the VIP. */
export function observedWith(told: Readonly<Record<string, Told>> = {}): ObservedState {
  return {
    hosts: new Map(
      names.map((name) => [name, hostObservation(name, { holdsVip: name === 'ctl01', ...told[name] })]),
    ),
  };
}

function hostObservation(host: string, told: Told): HostObservation {
  if (told.unreachable) {
    return { kind: 'unreachable', host, failure: new McpError('unreachable', `${host} does not answer`) };
  }
  const record: UnitRecord = { restart: 'x', reload: 'y' };
  return {
    kind: 'reachable',
    host,
    bootId: 'boot',
    clockSkewMilliseconds: 0,
    clockUncertaintyMilliseconds: 0,
    release: 'bookworm',
    files: new Map(),
    packages: new Map(),
    units: new Map([['mariadb.service', unitAs(told)]]),
    records: new Map((told.records ?? []).map((name) => [name, record])),
    appliedFiles: new Map(),
    membership: undefined,
    belongings: [],
    probes: new Map([
      ['galera.status', { exitCode: 0, stdout: replyFor(host, told) }],
      ['galera.position', { exitCode: 0, stdout: linesOf(told.position ?? {}) }],
    ]),
    addresses: told.holdsVip ? [vip] : [],
    cloud: undefined,
    format: undefined,
    diskFreeBytes: 1e9,
    memoryTotalBytes: 1e9,
    runningSteps: [],
  };
}

const cluster = '6f0f4a1c-0000-11ef-8000-000000000001';

const linesOf = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');

function unitAs({ unit = 'active/running', unchangedSeconds = 10 }: Told): ObservedUnit {
  const [activeState = '', subState = ''] = unit.split('/');
  return {
    ...{ loadState: 'loaded', activeState, subState, unitFileState: 'enabled', mainPid: 1 },
    ...{ startedAtMicroseconds: 1, unchangedSeconds },
  };
}

function replyFor(host: string, told: Told): string {
  if (told.installed === false) return 'installed=no\n';
  const active = unitAs(told).activeState;
  const values = {
    wsrep_cluster_size: '3',
    wsrep_cluster_state_uuid: cluster,
    wsrep_cluster_status: 'Primary',
    wsrep_connected: 'ON',
    wsrep_local_recv_queue: '0',
    wsrep_local_state_comment: 'Synced',
    wsrep_ready: 'ON',
    wsrep_desync: 'OFF',
    wsrep_reject_queries: 'NONE',
    ...told.values,
  };
  const answers = told.answers ?? active === 'active';
  return [
    'installed=yes',
    ...(told.cluster === 'none' ? [] : [`grastate.uuid=${told.cluster ?? cluster}`]),
    ...(told.group
      ? [
          `gvwstate.own=id-of-${host}`,
          `gvwstate.members= ${told.group.map((each) => `id-of-${each}`).join(' ')}`,
        ]
      : []),
    ...(told.saved ? [`grastate.seqno=${told.saved[0]}`, `grastate.safe_to_bootstrap=${told.saved[1]}`] : []),
    `answers=${answers ? 'yes' : 'no'}`,
    ...(answers ? Object.entries(values).map(([name, value]) => `${name}=${value}`) : []),
    ...balancerLines(told),
    ...(told.servers === 'none' ? [] : [`vip=${told.throughVip ?? 'ctl01'}`]),
  ].join('\n');
}

function balancerLines({ servers = ['UP', 'UP', 'UP'], sessions = [], remembered = 'ctl01' }: Told) {
  if (servers === 'none') return [];
  return [
    'balancer.stat # svname,scur,status',
    ...servers.map((state, at) => `balancer.stat ${names[at]},${sessions[at] ?? 0},${state}`),
    'balancer.table # table: galera, type: integer, size:1, used:1',
    `balancer.table 0x55: key=1 use=0 exp=0 server_id=1 server_key=${remembered}`,
  ];
}
