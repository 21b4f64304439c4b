import { type ObservedState, reachable } from '../../model/observed.ts';
import type { ScriptStep } from '../../model/step.ts';
import type { ResolvedVip, Topology } from '../../model/topology.ts';
import { handOver, holdersOf, markScript } from '../../resources/index.ts';
import { vipReply } from './probe.ts';

/**
 * Spreads the VIPs again: each goes to its first candidate that can hold it, once. What an interrupted run left barred
 * is allowed again first; a host in maintenance stays out.
 */
export function spreadVips(topology: Topology, observed: ObservedState): readonly ScriptStep[] {
  const allowed = topology.vips.flatMap((vip) => barredFrom(vip, observed).map((host) => allow(vip, host)));
  return [...allowed, ...topology.vips.flatMap((vip) => bringHome(vip, topology, observed))];
}

function bringHome(vip: ResolvedVip, topology: Topology, observed: ObservedState): readonly ScriptStep[] {
  const [holder, ...more] = holdersOf(vip, observed);
  const home = vip.candidates.find(({ name }) => couldHold(vip, name, topology, observed))?.name;
  if (holder === undefined || more.length > 0 || home === undefined || home === holder) return [];
  return [...handOver(vip, holder, topology, observed), allow(vip, holder)];
}

function couldHold(vip: ResolvedVip, host: string, { fronts }: Topology, observed: ObservedState): boolean {
  const units = reachable(observed, host)?.units;
  const front = fronts.find(({ role }) => role === vip.role);
  const runs = (unit: string) => units?.get(unit)?.activeState === 'active';
  return (
    runs('keepalived.service') &&
    (front === undefined || runs(front.unit)) &&
    vipReply(observed, host).get('maintenance') !== '1' &&
    // Cut off from the others, or from the one that holds it: the watch there keeps it away.
    !['1', '2'].includes(vipReply(observed, host).get(`contested.${vip.name}`) ?? '') &&
    vipReply(observed, host).get(`isolated.${vip.name}`) !== '1'
  );
}

/** Candidates from which a run keeps a VIP away, or has. */
export const barredFrom = (vip: ResolvedVip, observed: ObservedState): readonly string[] =>
  vip.candidates
    .map(({ name }) => name)
    .filter((name) => vipReply(observed, name).get(`mark.${vip.name}`) === '1');

const allow = (vip: ResolvedVip, host: string): ScriptStep => ({
  host,
  title: `allow ${vip.name} again`,
  script: markScript(vip, 0),
  timeoutSeconds: 10,
});
