import { type Attempt, lagOf, succeeded } from './attempt.ts';

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
  /** Nothing answered for longer than this is an outage, even if every attempt got its answer in the end. */
  readonly longestSilenceMilliseconds: number;
}

export const usualRule: OutageRule = {
  intervalMilliseconds: 50,
  successesToBeBack: 5,
  longestSilenceMilliseconds: 500,
};

/**
 * The outages that clients of one series saw. Two ways of looking are joined, so that neither a generous deadline nor a
 * quick error hides anything: from the start of the first failed attempt to the start of the first of a run of
 * successes; and every silence in which attempts were waiting and none was answered.
 */
export function outagesOf(attempts: readonly Attempt[], rule: OutageRule = usualRule): readonly Outage[] {
  const ordered = attempts.toSorted((a, b) => a.startedAt - b.startedAt);
  const found = [...failuresOf(ordered, rule), ...silencesOf(ordered, rule)];
  return joined(found.toSorted((a, b) => a.from - b.from));
}

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
  const answers = ordered
    .filter(succeeded)
    .map(({ endedAt }) => endedAt)
    .toSorted((a, b) => a - b);
  const punctual = ordered.filter((attempt) => lagOf(attempt) <= tolerableLagMilliseconds);
  const starts = punctual.map(({ startedAt }) => startedAt);
  return answers.slice(1).flatMap((until, index) => {
    const from = answers[index] ?? until;
    if (until - from <= rule.longestSilenceMilliseconds) return [];
    const asked = starts.filter((start) => start > from && start < until).length;
    const expected = (until - from) / rule.intervalMilliseconds;
    return asked >= expected / 2 ? [{ from, until, open: false }] : [];
  });
}

/** An attempt that this process started later than this says little about when the cluster answered. */
const tolerableLagMilliseconds = 100;

function joined(outages: readonly Outage[]): readonly Outage[] {
  const result: Outage[] = [];
  for (const outage of outages) {
    const last = result.at(-1);
    if (last === undefined || outage.from > last.until) {
      result.push(outage);
      continue;
    }
    const until = Math.max(last.until, outage.until);
    result[result.length - 1] = { from: last.from, until, open: last.open || outage.open };
  }
  return result;
}
