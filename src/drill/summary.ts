import type { Fault } from '../model/fault.ts';
import { type Attempt, lagOf, latencyOf, type Series, succeeded } from './attempt.ts';
import { longestSilence, outagesOf, splitOutages } from './outage.ts';

/** What clients of one series saw from the fault until everything was back. */
export interface SeriesResult extends Series {
  readonly attempts: number;
  readonly failed: number;
  /** Failed attempts by class. */
  readonly failures: Readonly<Record<string, number>>;
  readonly outageMilliseconds: number;
  readonly secondOutageMilliseconds: number;
  /** Longest time without an answer, shown and not judged: where no attempt failed, clients only waited. */
  readonly longestSilenceMilliseconds: number;
  /** Of the attempts that succeeded. */
  readonly p99Milliseconds: number;
  readonly budgetMilliseconds: number;
  readonly secondBudgetMilliseconds: number;
}

/** How well this process kept its own schedule; late attempts make the resolution coarser. */
export interface Punctuality {
  readonly attempts: number;
  /** Started more than 25 ms after their time. */
  readonly late: number;
  /** Started more than 250 ms after their time: too late to measure outages of a second. */
  readonly tooLate: number;
  /** Had no answer when this process woke up from standing still: counted as nothing. */
  readonly inconclusive: number;
  readonly worstLagMilliseconds: number;
  /** Never started, because too many were still under way. */
  readonly dropped: number;
}

/** An endpoint that fails again this soon was not back. */
const settleMilliseconds = 2000;
const lateMilliseconds = 25;
const tooLateMilliseconds = 250;

/** Figures of one series; an endpoint that the fault names no budget for must see no outage at all. */
export function summariseSeries(
  series: Series,
  attempts: readonly Attempt[],
  fault: Pick<Fault, 'budgets' | 'vipBudgets' | 'secondBudgetMilliseconds'>,
): SeriesResult {
  const own = attempts.filter((attempt) => attempt.series === series.name);
  const conclusive = own.filter(({ inconclusive }) => inconclusive !== true);
  const outages = splitOutages(outagesOf(own), settleMilliseconds);
  const budget = fault.vipBudgets?.[series.vip ?? ''] ?? fault.budgets[series.endpoint];
  return {
    ...series,
    attempts: own.length,
    failed: conclusive.filter((attempt) => !succeeded(attempt)).length,
    failures: countByClass(conclusive),
    outageMilliseconds: Math.round(outages.firstMilliseconds),
    secondOutageMilliseconds: Math.round(outages.secondMilliseconds),
    longestSilenceMilliseconds: Math.round(longestSilence(own)),
    p99Milliseconds: Math.round(percentile(own.filter(succeeded).map(latencyOf), 0.99)),
    budgetMilliseconds: budget ?? 0,
    secondBudgetMilliseconds: budget === undefined ? 0 : fault.secondBudgetMilliseconds,
  };
}

export function summarisePunctuality(attempts: readonly Attempt[], dropped: number): Punctuality {
  const lags = attempts.map(lagOf);
  return {
    attempts: attempts.length,
    late: lags.filter((lag) => lag > lateMilliseconds).length,
    inconclusive: attempts.filter(({ inconclusive }) => inconclusive === true).length,
    tooLate: lags.filter((lag) => lag > tooLateMilliseconds).length,
    worstLagMilliseconds: Math.round(lags.reduce((worst, lag) => Math.max(worst, lag), 0)),
    dropped,
  };
}

/** Nearest rank; 0 for an empty list. */
function percentile(values: readonly number[], share: number): number {
  const ordered = values.toSorted((a, b) => a - b);
  return ordered[Math.max(0, Math.ceil(ordered.length * share) - 1)] ?? 0;
}

/** Smallest, middle and largest of the repeats. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export const spreadOf = (values: readonly number[]): Spread => ({
  min: percentile(values, 0),
  median: percentile(values, 0.5),
  max: percentile(values, 1),
});

function countByClass(attempts: readonly Attempt[]): Readonly<Record<string, number>> {
  const classes = attempts.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  return Object.fromEntries(
    [...new Set(classes)].toSorted().map((name) => [name, classes.filter((other) => other === name).length]),
  );
}
