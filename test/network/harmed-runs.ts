import { setTimeout as sleep } from 'node:timers/promises';
import { deploy, type Outcome, type Wanted } from '../execute/alpha.ts';
import { type Change, leftBehind, recordIn, startsWanted, wrongActs, wrongRecords } from './host-truth.ts';
import type { Point, Story, Talk } from './points.ts';
import { over, ratio, type WiredHost, wiredHost } from './wired-host.ts';

/** What became of it. */
export interface Verdict {
  readonly point: Point;
  /** `done`, the code of the failure, or `not reached` where the run ended before that byte. */
  readonly outcome: string;
  /** The failure's own words. */
  readonly words?: string | undefined;
  readonly seconds: number;
  /** What must not be so, in words. */
  readonly complaints: readonly string[];
}

/** Runs stories over a sound wire, and tells how much was said. */
export async function measure(stories: readonly Story[]): Promise<ReadonlyMap<Story, Talk>> {
  const talks = new Map<Story, Talk>();
  for (const story of stories) {
    await using place = await placeFor(story);
    const { wire, local } = place.host;
    wire.reset();
    await using fleet = place.host.open('usual');
    const { failure } = await deploy(
      over(fleet, local),
      wantedOf({ story, value: place.value + 1 }),
      inHaste,
    );
    if (failure !== undefined) throw failure;
    talks.set(story, { bytes: wire.bytes, turns: wire.turns });
  }
  return talks;
}

/** A host for runs, one after the other, and the value that the last one has put there; 0: it is bare. */
interface Place extends AsyncDisposable {
  readonly host: WiredHost;
  value: number;
}

/** A bare host for a first run, and for others one that was deployed without the wire. */
async function placeFor(story: Story): Promise<Place> {
  const host = await wiredHost();
  const place = { host, value: 0, [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() };
  if (story === 'first') return place;
  const { failure } = await deploy(host.local, wantedOf({ story, value: 1 }), inHaste);
  if (failure !== undefined) throw failure;
  return { ...place, value: 1 };
}

/**
 * A run whose wire is harmed, and the runs after it over a sound one until nothing is due: what became of it, and
 * whether what the host has on record is what was done there.
 */
async function harmedRun(point: Point, place: Place): Promise<Verdict> {
  const { local, wire } = place.host;
  place.value += 1;
  const change = { story: point.story, value: place.value };
  const before = local.acts().length;
  const began = performance.now();
  wire.reset();
  wire.arm(point.fault);
  place.host.hostTime('by the ratio');
  const attempt = await boundedRun(place.host, change);
  const seconds = (performance.now() - began) / 1000;
  const { isStruck } = wire;
  wire.heal();
  place.host.hostTime('usual');
  if (attempt.kind === 'broken')
    return { point, outcome: attempt.word, seconds, complaints: [attempt.words] };
  // The record first: what it tells of was done before it.
  const early = { record: recordIn(local), acts: local.acts().slice(before) };
  const { acted, complaints } = await converge(place.host, change);
  const { failure } = attempt.outcome;
  const wrong = [
    ...(failure === undefined && acted > 0 ? ['it told that it was done, and more was due'] : []),
    ...complaints,
    ...wrongActs(change, local.acts().slice(before)),
    ...(early.record === recordIn(local) && !early.acts.some((act) => startsWanted(act, change))
      ? ['alpha.service was on record as started with what is wanted before it was']
      : []),
    ...wrongRecords(local, change),
    ...(await leftBehind(local)),
  ];
  wire.hangUp();
  const outcome = isStruck ? (failure?.code ?? 'done') : 'not reached';
  return { point, seconds, outcome, words: failure?.message, complaints: wrong };
}

type Ended =
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  | { readonly kind: 'broken'; readonly word: 'bug' | 'hangs'; readonly words: string };

/**
 * The wire is harmed once: a connection counts as lost after 60 s, one that stalls goes on after as long, a login may take
 * 20 s and a gate 60 s. What takes ten minutes hangs; five times that here, since this machine may
 * have other work.
 */
async function boundedRun(host: WiredHost, change: Change): Promise<Ended> {
  const fleet = host.open('by the ratio');
  const ended = deploy(over(fleet, host.local), wantedOf(change), inHaste)
    .finally(() => fleet[Symbol.asyncDispose]())
    .then(
      (outcome): Ended => ({ kind: 'ended', outcome }),
      (bug: unknown): Ended => ({ kind: 'broken', word: 'bug', words: wordsOf(bug) }),
    );
  const inTime = new AbortController();
  const longest = sleep((5 * 600_000) / ratio, undefined, { signal: inTime.signal }).then(
    (): Ended => ({ kind: 'broken', word: 'hangs', words: 'the run does not end' }),
  );
  longest.catch(() => undefined);
  const first = await Promise.race([ended, longest]);
  inTime.abort();
  return first;
}

const isGuarded = ({ local }: WiredHost): boolean => local.leftovers().length > 0;

const wordsOf = (bug: unknown): string => (bug instanceof Error ? (bug.stack ?? bug.message) : String(bug));

const inHaste = { secondsPerSecond: ratio };

const wantedOf = ({ story, value }: Change): Wanted => ({
  value: String(value),
  guarded: story === 'guarded',
  hasMembers: true,
  gateSeconds: 60,
});

/**
 * Runs over the sound wire until nothing is due, and how many of them had something to do. To find it locked is right
 * while something of the harmed run lives: the shell of a lock that has not noticed yet, a guard that has not fired. Nor
 * does it say anything before that if nothing is due.
 */
async function converge(
  host: WiredHost,
  change: Change,
): Promise<{ readonly acted: number; readonly complaints: readonly string[] }> {
  await using fleet = host.open('usual');
  const until = performance.now() + (5 * 300_000) / ratio;
  for (let acted = 0; ; ) {
    const { failure, plan } = await deploy(over(fleet, host.local), wantedOf(change), inHaste);
    const isBusy = failure === undefined ? isGuarded(host) : failure.code === 'locked';
    if (isBusy && performance.now() < until) {
      await sleep(500);
      continue;
    }
    if (failure !== undefined)
      return { acted, complaints: [`the next run fails: ${failure.code}: ${failure.message}`] };
    if (plan.batches.length === 0) return { acted, complaints: [] };
    acted += 1;
    if (acted > 1) return { acted, complaints: ['the next run leaves something to do'] };
  }
}

/** Harms a run at each of the points, several at a time. */
export async function harmedRuns(
  points: readonly Point[],
  { atOnce, tell = () => undefined }: { readonly atOnce: number; readonly tell?: (verdict: Verdict) => void },
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  const left = [...points];
  const work = async () => {
    let kept: Place | undefined;
    for (let point = left.shift(); point !== undefined; point = left.shift()) {
      const place: Place = kept ?? (await placeFor(point.story));
      const verdict = await harmedRun(point, place).catch(brokenAt(point));
      verdicts.push(verdict);
      tell(verdict);
      // A bare host is one once, and one that something is wrong with would be wrong for the next run, too.
      const next = left[0];
      const serves = next !== undefined && next.story !== 'first' && verdict.complaints.length === 0;
      if (!serves) await place[Symbol.asyncDispose]();
      kept = serves ? place : undefined;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return verdicts;
}

const brokenAt =
  (point: Point) =>
  (bug: unknown): Verdict => ({ point, outcome: 'broken', seconds: 0, complaints: [wordsOf(bug)] });

/** How often what befell a wire ended how: a line each. */
export function tableOf(verdicts: readonly Verdict[]): string {
  const counts = new Map<string, number>();
  for (const { point, outcome } of verdicts) {
    const line = `${point.fault.harm.kind} ${outcome}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts]
    .map(([line, count]) => `${line} ${count}`)
    .toSorted()
    .join('\n');
}

/** A verdict in a line, with what it takes to see it again. */
export const inWords = ({ point, outcome, words, seconds, complaints }: Verdict): string => {
  const { number, story, fault } = point;
  const { harm, direction, at } = fault;
  const what = `${number}: ${story}, ${harm.kind} at byte ${at} ${direction}: ${outcome}, ${seconds.toFixed(1)} s`;
  return [what, ...(words?.split('\n') ?? []), ...complaints].join('\n  ');
};
