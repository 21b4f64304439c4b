import { type Paint, paintFor, tableAsText } from '../../report/index.ts';
import { usualRule } from '../outage.ts';
import type { DrillResult, Measured, TrialResult } from '../result.ts';
import { spreadOf } from '../summary.ts';
import { type Verdict, worstOf } from '../verdict.ts';
import { timelineAsText } from './timeline-text.ts';
import { hostsText, secondsText } from './words.ts';

/** The drill's result for an operator: a table for each fault over its repeats, what was missed and when, the verdict. */
export function drillAsText({ verdict, trials }: DrillResult, paint: Paint = paintFor(false)): string {
  const faults = [...new Set(trials.map(({ fault }) => fault))];
  const sections = faults.map((fault) =>
    faultAsText(
      trials.filter((trial) => trial.fault === fault),
      paint,
    ),
  );
  const missed = trials
    .filter((trial) => trial.verdict === 'FAIL')
    .map((trial) => missedAsText(trial, paint));
  return [...sections, ...missed, `${paintVerdict(verdict, paint)}  ${countedTrials(trials)}`].join('\n\n');
}

function faultAsText(trials: readonly TrialResult[], paint: Paint): string {
  const [first] = trials;
  const measured = trials.flatMap((trial) => (trial.measured ? [trial.measured] : []));
  const verdict = paintVerdict(worstOf(trials.map((trial) => trial.verdict)), paint);
  const heading = `${paint.bold(first?.fault ?? '')}  ${first?.title ?? ''}  ${verdict}`;
  if (measured.length === 0) return `${heading}\n${trials.flatMap(({ reasons }) => reasons).join('\n')}`;
  return [heading, tableAsText(columns, rowsOf(measured), paint), dataLines(measured)].join('\n');
}

const columns = [
  'endpoint',
  'outage min',
  'median',
  'max',
  'allowed',
  'second min',
  'median',
  'max',
  'allowed',
  'failed',
  'longest silence',
  'p99 max',
  'errors',
];

function rowsOf(measured: readonly Measured[]): readonly (readonly string[])[] {
  const names = measured[0]?.series.map(({ name }) => name) ?? [];
  return names.map((name) => {
    const own = measured.flatMap(({ series }) => series.filter((one) => one.name === name));
    const first = spreadOf(own.map(({ outageMilliseconds }) => outageMilliseconds));
    const second = spreadOf(own.map(({ secondOutageMilliseconds }) => secondOutageMilliseconds));
    return [
      name,
      ...[first.min, first.median, first.max, own[0]?.budgetMilliseconds ?? 0].map(secondsText),
      ...[second.min, second.median, second.max, own[0]?.secondBudgetMilliseconds ?? 0].map(secondsText),
      `${sum(own.map(({ failed }) => failed))} of ${sum(own.map(({ attempts }) => attempts))}`,
      secondsText(Math.max(...own.map(({ longestSilenceMilliseconds }) => longestSilenceMilliseconds))),
      secondsText(Math.max(...own.map(({ p99Milliseconds }) => p99Milliseconds))),
      classes(own.map(({ failures }) => failures)),
    ];
  });
}

function dataLines(measured: readonly Measured[]): string {
  const total = (numberOf: (one: Measured) => number) => sum(measured.map(numberOf));
  const lag = Math.max(...measured.map(({ punctuality }) => punctuality.worstLagMilliseconds));
  const back = spreadOf(measured.map(({ healthyAfterSeconds }) => healthyAfterSeconds * 1000));
  return [
    `rows: ${total(({ rows }) => rows.acknowledged)} acknowledged, ${total(({ rows }) => rows.lost.length)} lost; ` +
      `messages: ${total(({ messages }) => messages.confirmed)} confirmed, ` +
      `${total(({ messages }) => messages.lost.length)} lost, ` +
      `${total(({ messages }) => messages.duplicates)} delivered twice`,
    `all checks green again ${secondsText(back.median)} after the fault (at most ${secondsText(back.max)})`,
    `resolution ${usualRule.intervalMilliseconds} ms; ${total(({ punctuality }) => punctuality.late)} of ` +
      `${total(({ punctuality }) => punctuality.attempts)} attempts started more than 25 ms late, the worst ${lag} ms; ` +
      `${total(({ punctuality }) => punctuality.inconclusive)} inconclusive`,
  ].join('\n');
}

/** What a trial that missed looked like from inside: its reasons, then the hosts' own words. */
function missedAsText(trial: TrialResult, paint: Paint): string {
  const heading = paint.bold(
    `${trial.fault} ${trial.repeat} on ${hostsText(trial.targets) || 'no host'} missed:`,
  );
  const reasons = trial.reasons.map((reason) => `  ✗ ${reason}`);
  return [heading, ...reasons, ...(trial.measured ? [timelineAsText(trial.measured)] : [])].join('\n');
}

/** `2 PASS, 1 FAIL`. */
export function countedTrials(trials: readonly TrialResult[]): string {
  const verdicts: readonly Verdict[] = ['PASS', 'FAIL', 'INVALID', 'ABORTED'];
  const counts = verdicts.map((verdict) => ({
    verdict,
    count: trials.filter((trial) => trial.verdict === verdict).length,
  }));
  return counts
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => `${count} ${verdict}`)
    .join(', ');
}

function classes(failures: readonly Readonly<Record<string, number>>[]): string {
  const names = [...new Set(failures.flatMap((one) => Object.keys(one)))].toSorted();
  return names.map((name) => `${name} ${sum(failures.map((one) => one[name] ?? 0))}`).join(', ');
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const paintVerdict = (verdict: Verdict, paint: Paint): string =>
  verdict === 'PASS' ? paint.green(verdict) : paint.red(verdict);
