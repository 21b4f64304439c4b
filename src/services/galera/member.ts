import { type ObservedState, probeOutput, reachable } from '../../model/observed.ts';
import { type Balancer, parseBalancer } from './balancer.ts';
import { statusProbe, unit } from './layout.ts';

/** `optional`: with TLS and without. */
export type SpokenTls = 'no' | 'optional' | 'yes';

/** What a host said of its member. */
export interface Member {
  readonly host: string;
  readonly installed: boolean;
  /** systemd's ActiveState and SubState: `active/running`. */
  readonly unit: string;
  /** Whether the server answered on its socket in time; without it what follows is empty. */
  readonly answers: boolean;
  readonly component: string;
  /** `Synced`, `Donor/Desynced`, `Joined`, … */
  readonly state: string;
  readonly ready: boolean;
  readonly connected: boolean;
  readonly rejectsQueries: boolean;
  readonly desynced: boolean;
  readonly size: number;
  readonly clusterId: string;
  /** Write sets that wait to be applied. */
  readonly backlog: number;
  /** The cluster whose data lies on its disk; undefined when it never was a member of one. */
  readonly dataOf: string | undefined;
  /**
   * The last membership, as it has it on disk while it runs and after a crash: all who were in it form the group again
   * by themselves once they are there. Undefined after an orderly stop, and where it never was a member.
   */
  readonly view: GroupView | undefined;
  /** What it wrote down when it stopped: its last transaction (-1: it crashed), and whether it left last. */
  readonly saved: { readonly seqno: number; readonly safe: boolean } | undefined;
  /** A full copy to it was cut off: it has no data of its own. */
  readonly copyCutOff: boolean;
  /** It receives a full copy now. */
  readonly copying: boolean;
  readonly maintenance: boolean;
  /** What clients and members speak with it as it runs; undefined where the server has not said so. */
  readonly tls: SpokenTls | undefined;
  /** Room for more data; undefined where the host has not said so. */
  readonly freeBytes: number | undefined;
  /** What the HAProxy on this host thinks; undefined where there is none. */
  readonly balancer: Balancer | undefined;
  /** The member that answered this host through the VIP. */
  readonly throughVip: string | undefined;
}

/** What `host` said; undefined when it did not answer. */
export function memberOn(observed: ObservedState, host: string): Member | undefined {
  const output = probeOutput(observed, host, statusProbe);
  if (output === undefined) return undefined;
  const found = reachable(observed, host)?.units.get(unit);
  const ofUnit = found ? [`unit.ActiveState=${found.activeState}`, `unit.SubState=${found.subState}`] : [];
  return parseMember(host, [...ofUnit, output].join('\n'));
}

/** Reads the reply of the status probe, with what systemd says of the unit before it. */
export function parseMember(host: string, output: string): Member {
  const lines = output.split('\n');
  const values = new Map(lines.flatMap(asPair));
  const value = (name: string): string => values.get(name) ?? '';
  return {
    host,
    installed: value('installed') === 'yes',
    unit: `${value('unit.ActiveState')}/${value('unit.SubState')}`,
    answers: value('answers') === 'yes',
    component: value('wsrep_cluster_status'),
    state: value('wsrep_local_state_comment'),
    ready: value('wsrep_ready') === 'ON',
    connected: value('wsrep_connected') === 'ON',
    rejectsQueries: !['', 'NONE'].includes(value('wsrep_reject_queries')),
    desynced: value('wsrep_desync') === 'ON',
    size: Number(value('wsrep_cluster_size')),
    clusterId: value('wsrep_cluster_state_uuid'),
    backlog: Number(value('wsrep_local_recv_queue')),
    dataOf: clusterOf(value('grastate.uuid')),
    view: viewIn(values),
    saved: values.has('grastate.seqno')
      ? { seqno: Number(value('grastate.seqno')), safe: value('grastate.safe_to_bootstrap') === '1' }
      : undefined,
    // The mark stays behind where a copy was cut off.
    copying: values.has('copying') && value('unit.ActiveState') === 'activating',
    copyCutOff: values.has('copying'),
    maintenance: values.has('maintenance'),
    tls: spokenTls(values),
    freeBytes: values.has('free') ? Number(value('free')) : undefined,
    balancer: parseBalancer(lines),
    throughVip: values.get('vip'),
  };
}

/** Of clients and of the group; as long as one of the two lets the other way be, that is open. */
function spokenTls(values: ReadonlyMap<string, string>): SpokenTls | undefined {
  const certificate = values.get('tls.certificate');
  if (certificate === undefined) return undefined;
  const inGroup = values.get('tls.group') === 'YES';
  if (!inGroup && (certificate === '' || certificate === 'NULL')) return 'no';
  const only = inGroup && values.get('tls.either') !== 'YES' && values.get('tls.required') === '1';
  return only ? 'yes' : 'optional';
}

/** A membership as Galera writes it into gvwstate.dat: ids that members give themselves, anew at each join. */
interface GroupView {
  readonly own: string;
  readonly members: readonly string[];
}

function viewIn(values: ReadonlyMap<string, string>): GroupView | undefined {
  const own = values.get('gvwstate.own');
  if (own === undefined) return undefined;
  return { own, members: (values.get('gvwstate.members') ?? '').split(' ').filter(Boolean) };
}

/** Whether the member takes part in full. */
export const isSynced = (member: Member | undefined): member is Member =>
  member?.answers === true && member.component === 'Primary' && member.state === 'Synced' && member.ready;

const asPair = (line: string): readonly [string, string][] => {
  const at = line.indexOf('=');
  return at < 1 || line.startsWith('balancer.') ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]];
};

const nothingYet = '00000000-0000-0000-0000-000000000000';

const clusterOf = (id: string): string | undefined => (id === '' || id === nothingYet ? undefined : id);
