import type { Check, Finding } from '../../model/check.ts';
import { type ObservedState, reachable } from '../../model/observed.ts';
import { localPatienceSeconds } from '../../model/probe.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { unit } from './layout.ts';
import { isSynced, type Member, memberOn } from './member.ts';
import { outageOf } from './outage.ts';
import type { GaleraSettings } from './settings.ts';
import { carrier, vipHolder, writerOf } from './writer.ts';

/** What proves the database cluster healthy. */
export function galeraChecks(
  instances: readonly Instance<GaleraSettings>[],
  topology: Topology,
): readonly Check[] {
  const hosts = instances.map(({ host }) => host.name);
  const sizes = { fewest: hosts.length, most: Math.max(hosts.length, membersIn(topology)) };
  const check = (name: string, title: string, judge: Check['judge']): Check => ({
    name: `galera.${name}`,
    service: 'galera',
    title,
    judge,
  });
  return [
    check('complete', 'every Galera member is Synced in one Primary component', (observed) =>
      judgeComplete(hosts, sizes, observed),
    ),
    check('serves', 'the database takes clients', (observed) => judgeServes(instances, sizes, observed)),
    check('ready', 'every Galera member could take the writes', (observed) => judgeReady(hosts, observed)),
    check('room', 'every Galera member has room for its data', (observed) =>
      instances.flatMap((instance) => judgeRoom(instance, observed)),
    ),
    check('writer', 'all writes go to one Galera member', (observed) =>
      judgeWriter(hosts, topology, observed),
    ),
  ];
}

/** How many members a view of the group may have: all that count, and those that may be missing and are not. */
interface Sizes {
  readonly fewest: number;
  readonly most: number;
}

const membersIn = ({ inventory }: Topology): number =>
  inventory.machines.flatMap(({ nodes }) => nodes).filter(({ roles }) => roles.includes('database')).length;

function judgeComplete(hosts: readonly string[], sizes: Sizes, observed: ObservedState): readonly Finding[] {
  const found = hosts.flatMap((host) => {
    const problem = problemOf(memberOn(observed, host), sizes, reachable(observed, host) !== undefined);
    return problem ? [red(host, problem.message, problem.hint)] : [];
  });
  const clusters = new Set(
    membersOf(hosts, observed)
      .filter(isSynced)
      .map(({ clusterId }) => clusterId),
  );
  if (clusters.size < 2) return found;
  return [
    ...found,
    {
      severity: 'red',
      hosts,
      message: `the members belong to ${clusters.size} different clusters`,
      hint: 'Stop the members of the cluster that clients do not use, and let them copy the data of the other.',
    },
  ];
}

/** A member of a component without a majority takes nothing, and one that hangs neither. */
function judgeServes(
  instances: readonly Instance[],
  sizes: Sizes,
  observed: ObservedState,
): readonly Finding[] {
  const hosts = instances.map(({ host }) => host.name);
  const outage = outageOf(instances, observed);
  if (outage !== undefined) {
    const message = `the database takes no clients. ${outage.message}`;
    return [{ severity: 'red', hosts, message, hint: outage.hint, outage: 'service' }];
  }
  const members = membersOf(hosts, observed);
  const isYetToCome = members.length > 0 && members.every(({ installed }) => !installed);
  if (isYetToCome) return [];
  if (members.some(({ answers, component, ready }) => answers && component === 'Primary' && ready)) return [];
  const problems = hosts.map((host) => {
    const member = members.find((each) => each.host === host);
    const problem = problemOf(member, sizes, reachable(observed, host) !== undefined);
    return { said: `${host}: ${problem?.message ?? 'is not ready for queries'}`, hint: problem?.hint };
  });
  const [hint] = problems.flatMap((problem) => problem.hint ?? []);
  return [
    {
      severity: 'red',
      hosts,
      message: `the database takes no clients: no Galera member is Primary and ready (${problems.map(({ said }) => said).join('; ')})`,
      ...(hint === undefined ? {} : { hint }),
      outage: 'service',
    },
  ];
}

interface Problem {
  readonly message: string;
  readonly hint?: string;
}

function problemOf(member: Member | undefined, sizes: Sizes, answered: boolean): Problem | undefined {
  if (!member)
    return { message: answered ? 'nothing is known of its Galera member' : 'the host does not answer' };
  if (!member.installed) return { message: 'MariaDB is not installed' };
  if (member.copying) return { message: 'receives a full copy of the data', hint: 'Wait until it ends.' };
  if (!member.unit.startsWith('active/')) {
    return {
      message: `${unit} is ${member.unit}`,
      hint: `Look into journalctl -u ${unit} there; data that is damaged \`mcp recover\` has copied from the others.`,
    };
  }
  if (!member.answers)
    return { message: `MariaDB does not answer on its socket within ${localPatienceSeconds} s` };
  if (member.component !== 'Primary') {
    return {
      message: `is in a ${member.component || 'unknown'} component`,
      hint: 'Bring back the other members; a component without a majority takes no writes.',
    };
  }
  if (member.state !== 'Synced') return { message: `is ${member.state}` };
  if (member.size < sizes.fewest) return { message: `sees ${member.size} of ${sizes.fewest} members` };
  if (member.size > sizes.most) {
    return {
      message: `sees ${member.size} members, and ${sizes.most} belong`,
      hint: 'One that left the cloud is still in the group: stop MariaDB on it.',
    };
  }
  return undefined;
}

function judgeReady(hosts: readonly string[], observed: ObservedState): readonly Finding[] {
  return membersOf(hosts, observed)
    .filter(({ answers }) => answers)
    .flatMap((member): readonly Finding[] => {
      const { host } = member;
      if (member.rejectsQueries)
        return [red(host, 'rejects queries', 'SET GLOBAL wsrep_reject_queries = NONE')];
      if (member.desynced) return [red(host, 'is desynchronised by hand', 'SET GLOBAL wsrep_desync = OFF')];
      if (!member.ready || !member.connected) return [red(host, 'is not ready for queries')];
      if (member.backlog >= 10) return [red(host, `has ${member.backlog} write sets yet to apply`)];
      if (!member.maintenance) return [];
      return [{ ...red(host, 'is in maintenance and never chosen as the writer'), severity: 'warning' }];
    });
}

/** With less than the agent wants it gives the writes up; with less than twice that it does not take them back. */
function judgeRoom(
  { host: { name }, settings: { leastFreeMegabytes } }: Instance<GaleraSettings>,
  observed: ObservedState,
): readonly Finding[] {
  const free = memberOn(observed, name)?.freeBytes;
  if (free === undefined || free >= 2 * leastFreeMegabytes * 1024 ** 2) return [];
  const left = `has ${Math.floor(free / 1024 ** 2)} MB left for its data`;
  const hint = `Make room on ${name}; it takes the writes again with ${2 * leastFreeMegabytes} MB.`;
  return free < leastFreeMegabytes * 1024 ** 2
    ? [red(name, `${left}, and takes no writes while another member has more`, hint)]
    : [{ ...red(name, left, hint), severity: 'warning' }];
}

function judgeWriter(
  hosts: readonly string[],
  topology: Topology,
  observed: ObservedState,
): readonly Finding[] {
  const holder = vipHolder(topology, observed);
  const balancer = carrier(topology, observed);
  // While the load balancers are not there yet, or no one holds the VIP, their own checks say so.
  if (holder === undefined || balancer === undefined) return [];
  const writer = writerOf(topology, observed);
  if (writer === undefined) return [red(holder, 'its HAProxy has no Galera member to send writes to')];
  const busy = balancer.servers.filter(({ name, sessions }) => sessions > 0 && name !== writer);
  return [
    ...busy.map(({ name, sessions }) =>
      red(holder, `${sessions} sessions are on ${name} while ${writer} is the writer`),
    ),
    ...judgeAnswers(membersOf(hosts, observed), holder, writer),
  ];
}

function judgeAnswers(members: readonly Member[], holder: string, writer: string): readonly Finding[] {
  const answers = members.flatMap(({ host, throughVip }) => (throughVip ? [{ host, throughVip }] : []));
  if (answers.length === 0) return [red(holder, 'SQL through the database VIP does not answer')];
  return answers
    .filter(({ throughVip }) => throughVip !== writer)
    .map(({ host, throughVip }) =>
      red(host, `reaches ${throughVip} through the VIP; the writer is ${writer}`),
    );
}

const membersOf = (hosts: readonly string[], observed: ObservedState): readonly Member[] =>
  hosts.flatMap((host) => memberOn(observed, host) ?? []);

const red = (host: string, message: string, hint?: string): Finding => ({
  severity: 'red',
  hosts: [host],
  message,
  ...(hint === undefined ? {} : { hint }),
});
