import type { MessageVerdict } from './consistency/messages.ts';
import type { RowVerdict, WriterRun } from './consistency/rows.ts';
import type { Punctuality, SeriesResult } from './summary.ts';

/** PASS: all within budget, nothing lost. INVALID: the measurement itself can't be trusted. ABORTED: never finished. */
export type Verdict = 'PASS' | 'FAIL' | 'INVALID' | 'ABORTED';

/** Everything a verdict follows from. */
export interface Evidence {
  readonly series: readonly SeriesResult[];
  /** Attempts that succeeded after the fault, by series. */
  readonly answeredAfterFault: Readonly<Record<string, number>>;
  readonly punctuality: Punctuality;
  readonly rows: RowVerdict;
  readonly messages: MessageVerdict;
  readonly sawPlantedLoss: { readonly rows: boolean; readonly messages: boolean };
  readonly writers: readonly WriterRun[];
  /** What was not as before at the end, one sentence each. */
  readonly residue: readonly string[];
}

export interface Judgement {
  readonly verdict: Verdict;
  /** Why, one sentence each; empty for a PASS. */
  readonly reasons: readonly string[];
}

/** A measurement that can't be trusted is never a PASS, and never a mere FAIL. */
export function judgeTrial(evidence: Evidence): Judgement {
  const doubts = doubtsOf(evidence);
  if (doubts.length > 0) return { verdict: 'INVALID', reasons: doubts };
  const faults = [
    ...lossesOf(evidence),
    ...evidence.series.flatMap(overBudget),
    ...twoWriters(evidence),
    ...evidence.residue,
  ];
  return { verdict: faults.length > 0 ? 'FAIL' : 'PASS', reasons: faults };
}

/** The worst verdict of several. */
export function worstOf(verdicts: readonly Verdict[]): Verdict {
  const order: readonly Verdict[] = ['ABORTED', 'INVALID', 'FAIL', 'PASS'];
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'INVALID';
}

function doubtsOf({ sawPlantedLoss, answeredAfterFault, punctuality }: Evidence): readonly string[] {
  const silent = Object.entries(answeredAfterFault).filter(([, answered]) => answered === 0);
  const attempts = Math.max(1, punctuality.attempts);
  const disturbed = punctuality.tooLate + punctuality.inconclusive;
  return [
    ...(sawPlantedLoss.rows ? [] : ['the checker of rows did not notice the row that was lost on purpose']),
    ...(sawPlantedLoss.messages ? [] : ['the checker of messages did not notice the loss on purpose']),
    ...silent.map(([series]) => `${series}: not one attempt succeeded after the fault`),
    ...(punctuality.dropped / attempts > tolerableShareDropped
      ? [`the probe could not keep its schedule: ${punctuality.dropped} attempts were never started`]
      : []),
    ...(disturbed / attempts > tolerableShareDisturbed
      ? [`this machine was too busy to measure: ${disturbed} of ${attempts} attempts were disturbed by it`]
      : []),
  ];
}

const tolerableShareDropped = 0.01;
const tolerableShareDisturbed = 0.05;

function lossesOf({ rows, messages }: Evidence): readonly string[] {
  return [
    ...(rows.lost.length > 0 ? [`LOST ${rows.lost.length} acknowledged rows: ${listed(rows.lost)}`] : []),
    ...(rows.diverging.length > 0 ? [`${rows.diverging.length} rows are not on every member`] : []),
    ...(rows.unexpected.length > 0 ? [`${rows.unexpected.length} rows were never written by the probe`] : []),
    ...(messages.lost.length > 0
      ? [`LOST ${messages.lost.length} confirmed messages: ${shortened(messages.lost.map(String))}`]
      : []),
    ...(messages.unexpected.length > 0
      ? [`${messages.unexpected.length} messages were never published by the probe`]
      : []),
  ];
}

function overBudget(series: SeriesResult): readonly string[] {
  const over = (what: string, seen: number, budget: number) =>
    seen <= budget ? [] : [`${series.name}: ${what} ${seconds(seen)}, allowed ${seconds(budget)}`];
  return [
    ...over('outage', series.outageMilliseconds, series.budgetMilliseconds),
    ...over('second outage', series.secondOutageMilliseconds, series.secondBudgetMilliseconds),
  ];
}

/** A writer that comes back among the rows of its successor: A, B, A, B. */
function twoWriters({ writers }: Evidence): readonly string[] {
  const returns = writers.filter(({ writer }, index) =>
    writers.slice(0, index).some((earlier) => earlier.writer === writer),
  );
  if (returns.length < 2) return [];
  return [
    `two members took writes at once: ${shortened(writers.map(({ writer, rows }) => `${writer}×${rows}`))}`,
  ];
}

const listed = (lost: RowVerdict['lost']): string =>
  shortened(lost.map(({ number, missingOn }) => `${number} (not on ${missingOn.join(', ')})`));

const shortened = (words: readonly string[]): string =>
  words.length <= 8 ? words.join(', ') : `${words.slice(0, 8).join(', ')}, … ${words.length - 8} more`;

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;
