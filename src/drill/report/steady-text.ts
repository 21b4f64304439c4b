import { type Paint, paintFor, tableAsText } from '../../report/index.ts';
import type { SteadyResult } from '../steady-run.ts';
import { secondsText } from './words.ts';

/** What clients saw and what moved while nothing was broken. */
export function steadyAsText(result: SteadyResult, paint: Paint = paintFor(false)): string {
  const { verdict, reasons, series, rows, messages, punctuality } = result;
  const table = tableAsText(
    ['endpoint', 'attempts', 'failed', 'longest outage', 'longest silence', 'p99', 'errors'],
    series.map(({ name, attempts, failed, failures, p99Milliseconds, ...seen }) => [
      name,
      `${attempts}`,
      `${failed}`,
      secondsText(Math.max(seen.outageMilliseconds, seen.secondOutageMilliseconds)),
      secondsText(seen.longestSilenceMilliseconds),
      secondsText(p99Milliseconds),
      Object.entries(failures)
        .map(([failure, count]) => `${failure} ${count}`)
        .join(', '),
    ]),
    paint,
  );
  return [
    table,
    `rows: ${rows.acknowledged} acknowledged, ${rows.lost.length} lost; ` +
      `messages: ${messages.confirmed} confirmed, ${messages.lost.length} lost`,
    `${punctuality.late} of ${punctuality.attempts} attempts started more than 25 ms late, ` +
      `the worst ${punctuality.worstLagMilliseconds} ms; ${punctuality.inconclusive} inconclusive, ` +
      'since this machine itself stood still meanwhile',
    ...reasons.map((reason) => `✗ ${reason}`),
    verdict === 'PASS' ? paint.green(`${verdict}: nothing moved`) : paint.red(verdict),
  ].join('\n');
}
