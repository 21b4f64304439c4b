import { type Paint, plain } from './paint.ts';
import type { HostSummary, RolloutSummary } from './summary.ts';
import { tableAsText } from './table.ts';
import { counted, duration } from './words.ts';

/** The end of a rollout: every host with its outcome, then one line that says how it went. */
export function summaryAsText(summary: RolloutSummary, paint: Paint = plain): string {
  const { outcome, hosts } = summary;
  if (outcome === 'nothing-to-change') return verdictInWords(summary);
  const verdict = (outcome === 'done' ? paint.green : paint.red)(verdictInWords(summary));
  if (hosts.length === 0) return verdict;
  const rows = hosts.map((host) => [
    host.host,
    outcomeText(host, paint),
    String(host.stepsDone),
    duration(host.seconds),
  ]);
  return `${tableAsText(hostColumns, rows, paint)}\n\n${verdict}`;
}

/** What is told of each host. */
export const hostColumns = ['host', 'outcome', 'steps', 'busy for'] as const;

/** How it went, in one line. */
export function verdictInWords({ outcome, hosts, batches, seconds }: RolloutSummary): string {
  if (outcome === 'nothing-to-change') return 'nothing to change';
  if (outcome === 'done') return `done: ${counted(batches.total, 'batch')} in ${duration(seconds)}`;
  return hosts.length === 0
    ? 'halted before any host was touched'
    : `halted: ${batches.done} of ${counted(batches.total, 'batch')} done; the same command takes it up`;
}

/** What became of a host. */
export function outcomeText({ outcome, failure }: HostSummary, paint: Paint = plain): string {
  if (outcome === 'done') return paint.green('done');
  if (outcome === 'failed') return paint.red(`failed at ${firstLine(failure ?? '')}`);
  return outcome === 'partly' ? paint.yellow('partly done') : paint.dim('untouched');
}

const firstLine = (text: string): string => {
  const [line = ''] = text.split('\n');
  return line.length > 72 ? `${line.slice(0, 71)}…` : line;
};
