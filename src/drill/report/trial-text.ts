import type { TrialResult } from '../result.ts';
import type { SeriesResult } from '../summary.ts';
import { hostsText, secondsText } from './words.ts';

/** Verdict of one trial in a line or two: what each endpoint saw, and why it is no PASS. */
export function trialAsText({ verdict, reasons, targets, measured }: TrialResult): string {
  const seen = measured?.series.map(seriesWords).filter((words) => words !== '') ?? [];
  const outages = seen.length === 0 ? 'no outage seen' : seen.join(', ');
  const lines = [
    `  ${verdict}${targets.length === 0 ? '' : ` on ${hostsText(targets)}`}${measured ? `: ${outages}` : ''}`,
    ...reasons.map((reason) => `    ✗ ${reason}`),
  ];
  return lines.join('\n');
}

function seriesWords({ name, outageMilliseconds, secondOutageMilliseconds }: SeriesResult): string {
  if (outageMilliseconds === 0 && secondOutageMilliseconds === 0) return '';
  const second = secondOutageMilliseconds === 0 ? '' : ` then ${secondsText(secondOutageMilliseconds)}`;
  return `${name} ${secondsText(outageMilliseconds)}${second}`;
}
