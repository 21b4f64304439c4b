import { type ObservedState, reachable } from '../../model/observed.ts';
import { type Outage, sinceWords, wayOut } from '../../model/recovery.ts';
import type { Instance } from '../../model/topology.ts';
import { unit } from './layout.ts';
import { type Member, memberOn } from './member.ts';

/**
 * Why no member takes clients, and whether that ends by itself: members that crashed, or lost each other, form the last
 * group that one of them remembers again as soon as all of it is there. Undefined while one serves, and before there was
 * a cluster.
 */
export function outageOf(instances: readonly Instance[], observed: ObservedState): Outage | undefined {
  const hosts = instances.map(({ host }) => host.name);
  const members = hosts.flatMap((host) => memberOn(observed, host) ?? []);
  // A look that did not ask the services says nothing of them.
  if (members.length === 0 || members.some(serves)) return undefined;
  // A first deploy that was cut off has nothing to recover, and goes on.
  if (!hosts.some((host) => reachable(observed, host)?.records.has(unit))) return undefined;
  if (members.length === hosts.length && members.every(isCutOff)) {
    return {
      kind: 'heals',
      message: `Galera: ${hosts.join(' and ')} run and do not hear each other`,
      waitsFor: [],
      hint: 'Look at the network between them, and at its firewall: they form again as soon as they hear each other. Where they do and stay so: `mcp recover --from HOST`.',
    };
  }
  const trying = members.filter(({ unit: state }) => isTrying(state)).map(({ host }) => host);
  const seconds = longestWait(trying, observed);
  const since = sinceWords(seconds);
  if (isForming(members, trying) && seconds < patienceSeconds) {
    return {
      kind: 'heals',
      message: `Galera forms again by itself: ${trying.join(' and ')} ${trying.length === 1 ? 'is' : 'are'} at it${since}`,
      waitsFor: [],
      hint: 'Wait: that takes seconds, and a full copy of the data as long as it is large.',
    };
  }
  const silent = hosts.filter((host) => reachable(observed, host) === undefined);
  const waitsFor = [...silent, ...members.map(({ host }) => host).filter((host) => !trying.includes(host))];
  const hint = wayOut(silent, '`mcp recover` begins again with whoever has the most.');
  return { kind: 'stuck', message: whoWaits(trying, waitsFor, since), waitsFor, hint };
}

/** Members that do not run, while others serve: started again and again, given up, or stopped. */
export function ailingAmong(instances: readonly Instance[], observed: ObservedState): readonly string[] {
  const members = instances.flatMap(({ host }) => memberOn(observed, host.name) ?? []);
  if (!members.some(serves)) return [];
  return members
    .filter(({ host, unit: state }) => doesNotRun(state) && reachable(observed, host)?.records.has(unit))
    .map(({ host }) => host);
}

/** Whether all of the last group that one of them remembers are at it. */
function isForming(members: readonly Member[], trying: readonly string[]): boolean {
  const hostOf = new Map(members.flatMap(({ host, view }) => (view ? [[view.own, host] as const] : [])));
  return members
    .filter(({ host }) => trying.includes(host))
    .some(({ view }) => view?.members.every((id) => trying.includes(hostOf.get(id) ?? '')));
}

function whoWaits(trying: readonly string[], waitsFor: readonly string[], since: string): string {
  if (trying.length === 0) {
    return 'Galera has stopped on every host that answers: none of them begins alone';
  }
  const who = `Galera: ${trying.join(' and ')}`;
  return waitsFor.length === 0
    ? `${who} do not form a group again${since}`
    : `${who} ${trying.length === 1 ? 'waits' : 'wait'} for ${waitsFor.join(' and ')}${since}`;
}

/** Answers clients, or would if they came. */
export const serves = ({ answers, component, ready }: Member): boolean =>
  answers && component === 'Primary' && ready;

/** Runs as part of no majority: it has lost the others, and waits for nothing but to hear them. */
const isCutOff = ({ answers, component }: Member): boolean => answers && component !== 'Primary';

/** Whether systemd has started it, or will in seconds. */
const isTrying = (state: string): boolean => state.startsWith('active/') || state.startsWith('activating/');

const doesNotRun = (state: string): boolean => !isTrying(state) || state.endsWith('/auto-restart');

/** Of who has waited longest. One that is started again and again has only just begun. */
const longestWait = (names: readonly string[], observed: ObservedState): number =>
  Math.max(0, ...names.map((host) => reachable(observed, host)?.units.get(unit)?.unchangedSeconds ?? 0));

/** Members that boot form a group within a minute; so much longer, something keeps one of them from it. */
const patienceSeconds = 300;
