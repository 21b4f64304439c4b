import type { Check, Finding } from '../../model/check.ts';
import { type ObservedState, reachable } from '../../model/observed.ts';
import {
  type Instance,
  isBeside,
  portsOf,
  type ResolvedVip,
  type Topology,
  vipsHeldBy,
} from '../../model/topology.ts';
import { holdersOf } from '../../resources/index.ts';
import { vipReply } from './probe.ts';
import { watchUnit } from './resources.ts';
import type { KeepalivedSettings } from './settings.ts';
import { judgeStrangers } from './strangers.ts';

/** What must be true of the VIPs. */
export function keepalivedChecks(
  instances: readonly Instance<KeepalivedSettings>[],
  topology: Topology,
): readonly Check[] {
  const service = 'keepalived';
  const ofEachVip = (
    judge: (vip: ResolvedVip, topology: Topology, observed: ObservedState) => readonly Finding[],
  ) => ({
    service,
    judge: (observed: ObservedState) => topology.vips.flatMap((vip) => judge(vip, topology, observed)),
  });
  return [
    {
      name: 'keepalived.running',
      service,
      title: 'Keepalived runs on every host that can hold a VIP',
      judge: (observed) =>
        instances
          .filter(({ host }) => vipsHeldBy(topology, host).length > 0)
          .flatMap(({ host }) => judgeRunning(host.name, observed)),
    },
    { name: 'keepalived.holder', title: 'every VIP is on exactly one host', ...ofEachVip(judgeHolder) },
    { name: 'keepalived.answers', title: 'every VIP answers to other hosts', ...ofEachVip(judgeAnswers) },
    {
      name: 'keepalived.strangers',
      title: 'nobody else answers for a VIP',
      ...ofEachVip(judgeStrangers),
    },
    {
      name: 'keepalived.heirs',
      title: 'every candidate of a VIP could take it over',
      ...ofEachVip(judgeCandidates),
    },
  ];
}

function judgeRunning(host: string, observed: ObservedState): readonly Finding[] {
  const stateOf = (unit: string) => reachable(observed, host)?.units.get(unit)?.activeState;
  const judge = (unit: string, name: string): readonly Finding[] => {
    const state = stateOf(unit);
    if (state === 'active') return [];
    return [red([host], `${name} ${state === undefined ? 'can not be asked' : `is ${state}`} on ${host}`)];
  };
  return [
    ...judge('keepalived.service', 'Keepalived'),
    ...judge(watchUnit, `${watchUnit}, which tells it what hangs,`),
  ];
}

function judgeHolder(vip: ResolvedVip, topology: Topology, observed: ObservedState): readonly Finding[] {
  const holders = holdersOf(vip, observed);
  if (holders.length === 1) return [];
  if (holders.length > 1) {
    return [
      red(
        holders,
        `${vip.name} (${vip.address}) is on ${holders.join(' and ')} at once`,
        'See whether VRRP (protocol 112) passes between them.',
      ),
    ];
  }
  const nowhere = `${vip.name} (${vip.address}) is on no host`;
  const reached = vip.candidates.filter(({ name }) => reachable(observed, name) !== undefined);
  if (reached.length > 0 && reached.every(({ name }) => isCutOff(vip, vipReply(observed, name))))
    return [warning([], `${nowhere}: who could hold it is cut off from ${fromWhom(vip, topology)}`)];
  return [
    unlessUnserved(vip, topology, observed, {
      ...red([], nowhere),
      hint: `Look at journalctl -u keepalived on ${vip.candidates.map(({ name }) => name).join(', ')}.`,
    }),
  ];
}

/**
 * Only those count who do not hold it themselves, since a host always reaches its own address, and who are in its network:
 * from another one there need be no way to it.
 */
function judgeAnswers(vip: ResolvedVip, topology: Topology, observed: ObservedState): readonly Finding[] {
  const holders = holdersOf(vip, observed);
  if (holders.length === 0) return [];
  const beside = topology.hosts.filter((host) => isBeside(host, vip));
  const answers = beside.flatMap(({ name }) => {
    const answer = vipReply(observed, name).get(`answers.${vip.name}`);
    return answer === undefined ? [] : [{ name, answer }];
  });
  const outside = answers.filter(({ name }) => !holders.includes(name));
  const asked = outside.length > 0 ? outside : answers;
  const deaf = asked.filter(({ answer }) => answer !== 'yes');
  if (asked.length === 0 || deaf.length === 0) return [];
  const where = `${vip.name} (${vip.address}:${portsOf(vip, topology).join(' or ')})`;
  const finding = red(holders, `${where} does not answer to ${deaf.map(({ name }) => name).join(', ')}`);
  return [deaf.length === asked.length ? finding : { ...finding, hosts: deaf.map(({ name }) => name) }];
}

function judgeCandidates(vip: ResolvedVip, topology: Topology, observed: ObservedState): readonly Finding[] {
  return vip.candidates
    .map(({ name }) => name)
    .filter((name) => reachable(observed, name)?.units.get('keepalived.service')?.activeState === 'active')
    .flatMap((name) => judgeCandidate(vip, name, topology, observed));
}

function judgeCandidate(
  vip: ResolvedVip,
  host: string,
  topology: Topology,
  observed: ObservedState,
): readonly Finding[] {
  const reply = vipReply(observed, host);
  const state = reply.get(`state.${vip.name}`) || 'not known';
  if (state === 'MASTER' || state === 'BACKUP') return [];
  if (reply.get('maintenance') === '1')
    return [warning([host], `${host} is in maintenance and holds no VIP`)];
  if (reply.get(`mark.${vip.name}`) === '1') {
    const message = `${vip.name} is kept away from ${host}, where a deploy did not end`;
    return [
      {
        ...warning([host], message),
        hint: '`mcp deploy` ends it; `mcp recover` allows it again where nothing is due.',
      },
    ];
  }
  const cut = cutOff(vip, host, topology, reply);
  if (cut !== undefined) return [unlessUnserved(vip, topology, observed, cut)];
  const why = reply.get(`front.${vip.role}`) === '0' ? '' : ': what serves it there does not run';
  const finding = red([host], `${host} could not take ${vip.name} (${state})${why}`);
  return [unlessUnserved(vip, topology, observed, finding)];
}

/** Whether a host has let go of a VIP because of the network, by its own watch's word. */
function cutOff(
  vip: ResolvedVip,
  host: string,
  topology: Topology,
  reply: ReadonlyMap<string, string>,
): Finding | undefined {
  const where = `Look at the network ${vip.network} of ${host}: its interface, cable and switch.`;
  if (isCutOff(vip, reply)) {
    const message = `${host} is cut off from ${fromWhom(vip, topology)}, and holds no VIP of the network ${vip.network}`;
    return red([host], message, where);
  }
  if (Number(reply.get(`contested.${vip.name}`) ?? 0) === 0) return undefined;
  const message = `${host} does not hear who holds ${vip.name}, and others do: it could not take it`;
  return red([host], message, where);
}

/** Who decides in a VIP's network: see vip-values.ts. */
const fromWhom = (vip: ResolvedVip, { hosts }: Topology): string =>
  hosts.some((host) => isBeside(host, vip) && host.roles.includes('database'))
    ? 'most of the database hosts'
    : 'most of the others in its network';

const isCutOff = ({ name }: ResolvedVip, reply: ReadonlyMap<string, string>): boolean =>
  reply.get(`isolated.${name}`) === '1';

/** While nothing that could serve a VIP runs anywhere, that is its own service's finding, and no fault of Keepalived's. */
function unlessUnserved(
  vip: ResolvedVip,
  { fronts }: Topology,
  observed: ObservedState,
  finding: Finding,
): Finding {
  const front = fronts.find(({ role }) => role === vip.role);
  const served = vip.candidates.some(
    ({ name }) => front && reachable(observed, name)?.units.get(front.unit)?.activeState === 'active',
  );
  if (served) return finding;
  return { ...finding, severity: 'warning', message: `${finding.message}; nothing serves it yet` };
}

const red = (hosts: readonly string[], message: string, hint?: string): Finding => ({
  severity: 'red',
  hosts,
  message,
  ...(hint === undefined ? {} : { hint }),
});

const warning = (hosts: readonly string[], message: string): Finding => ({
  ...red(hosts, message),
  severity: 'warning',
});
