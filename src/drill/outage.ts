import { type Attempt, lagOf, latencyOf, succeeded, tolerableLagMilliseconds } from './attempt.ts';

/** A time in which an endpoint did not serve. Milliseconds of the attempts' clock. */
export interface Outage {
  readonly from: number;
  readonly until: number;
  /** The probe ended before the endpoint was back. */
  readonly open: boolean;
}

export interface OutageRule {
  /** Between two attempts of the open-loop schedule; the resolution of every figure. */
  readonly intervalMilliseconds: number;
  /** An endpoint is back once this many attempts in a row succeeded; the first of them ends the outage. */
  readonly successesToBeBack: number;
  /** Shorter times without an answer are latency, not silence. */
  readonly shortestSilenceMilliseconds: number;
}

export const usualRule: OutageRule = {
  intervalMilliseconds: 50,
  successesToBeBack: 5,
  shortestSilenceMilliseconds: 200,
};

/**
 * The outages that clients of one series saw: from the start of the first failed attempt to the start of the first of a
 * run of successes, and as much longer as nothing was answered around it, so that attempts which were only just served
 * within their deadline shorten nothing.
 */
export function outagesOf(attempts: readonly Attempt[], rule: OutageRule = usualRule): readonly Outage[] {
  const ordered = inOrder(attempts);
  const silences = silencesOf(ordered, rule);
  const outages = failuresOf(ordered, rule).map((outage) =>
    silences
      .filter((silence) => silence.from <= outage.until && silence.until >= outage.from)
      .reduce(union, outage),
  );
  return joined(outages);
}

/** The longest time in which attempts waited and none was answered, whether or not any failed in the end. */
export function longestSilence(attempts: readonly Attempt[], rule: OutageRule = usualRule): number {
  return Math.max(0, ...silencesOf(inOrder(attempts), rule).map(lengthOf));
}

const inOrder = (attempts: readonly Attempt[]): readonly Attempt[] =>
  attempts
    .filter(({ inconclusive }) => inconclusive !== true)
    .toSorted((one, other) => one.startedAt - other.startedAt);

const union = (one: Outage, other: Outage): Outage => ({
  from: Math.min(one.from, other.from),
  until: Math.max(one.until, other.until),
  open: one.open || other.open,
});

/** The outage that a fault caused, and the worst that came later, when a member returned. */
export interface OutagesOfFault {
  readonly firstMilliseconds: number;
  readonly secondMilliseconds: number;
}

/**
 * An endpoint that fails again within `settleMilliseconds` was not back: that is added to the first outage. What comes
 * later is a second one, of which the longest counts.
 */
export function splitOutages(outages: readonly Outage[], settleMilliseconds: number): OutagesOfFault {
  const [first, ...others] = outages;
  if (first === undefined) return { firstMilliseconds: 0, secondMilliseconds: 0 };
  let { until } = first;
  let firstMilliseconds = lengthOf(first);
  const later = others.filter((outage) => {
    if (outage.from - until > settleMilliseconds) return true;
    until = outage.until;
    firstMilliseconds += lengthOf(outage);
    return false;
  });
  return { firstMilliseconds, secondMilliseconds: Math.max(0, ...later.map(lengthOf)) };
}

const lengthOf = ({ from, until }: Outage): number => until - from;

function failuresOf(ordered: readonly Attempt[], rule: OutageRule): readonly Outage[] {
  const outages: Outage[] = [];
  let from: number | undefined;
  let run: Attempt[] = [];
  for (const attempt of ordered) {
    if (!succeeded(attempt)) {
      from ??= attempt.startedAt;
      run = [];
      continue;
    }
    if (from === undefined) continue;
    run.push(attempt);
    if (run.length < rule.successesToBeBack) continue;
    outages.push({ from, until: run[0]?.startedAt ?? attempt.startedAt, open: false });
    from = undefined;
    run = [];
  }
  const last = ordered.at(-1);
  if (from !== undefined && last)
    outages.push({ from, until: Math.max(last.startedAt, last.endedAt), open: true });
  return outages;
}

/**
 * Gaps between answers. Only where attempts were under way all the while: if this process itself stood still, nothing
 * was asked, and the gap says nothing about the cluster.
 */
function silencesOf(ordered: readonly Attempt[], rule: OutageRule): readonly Outage[] {
  const answers = ordered.filter(succeeded).toSorted((one, other) => one.endedAt - other.endedAt);
  const asked = ordered.filter((attempt) => lagOf(attempt) <= tolerableLagMilliseconds);
  return answers.slice(1).flatMap((answer, index) => {
    const last = answers[index]?.endedAt ?? answer.endedAt;
    const gap = answer.endedAt - last;
    if (gap <= rule.shortestSilenceMilliseconds) return [];
    const waiting = asked.filter(({ startedAt }) => startedAt > last && startedAt < answer.endedAt);
    const [first] = waiting;
    if (first === undefined || waiting.length < gap / rule.intervalMilliseconds / 2) return [];
    // An answer that took its usual time shows that the silence was over when it was asked for.
    const until = answer.endedAt - Math.min(latencyOf(answer), rule.intervalMilliseconds);
    return [{ from: first.startedAt, until, open: false }];
  });
}

function joined(outages: readonly Outage[]): readonly Outage[] {
  const result: Outage[] = [];
  for (const outage of outages) {
    const last = result.at(-1);
    if (last === undefined || outage.from > last.until) {
      result.push(outage);
      continue;
    }
    result[result.length - 1] = union(last, outage);
  }
  return result;
}
