import { type Paint, plain } from './paint.ts';
import type { HostSummary, RolloutSummary } from './summary.ts';
import { tableAsText } from './table.ts';
import { counted, duration } from './words.ts';

/** The end of a rollout: every host with its outcome, then one line that says how it went. */
export function summaryAsText(summary: RolloutSummary, paint: Paint = plain): string {
  const { outcome, hosts, batches, seconds } = summary;
  if (outcome === 'nothing-to-change') return 'nothing to change';
  const verdict =
    outcome === 'done'
      ? paint.green(`done: ${counted(batches.total, 'batch')} in ${duration(seconds)}`)
      : paint.red(
          `halted: ${batches.done} of ${counted(batches.total, 'batch')} done; the same command takes it up`,
        );
  if (hosts.length === 0)
    return outcome === 'done' ? verdict : paint.red('halted before any host was touched');
  const rows = hosts.map((host) => [
    host.host,
    outcomeText(host, paint),
    String(host.stepsDone),
    duration(host.seconds),
  ]);
  return `${tableAsText(['host', 'outcome', 'steps', 'busy for'], rows, paint)}\n\n${verdict}`;
}

function outcomeText({ outcome, failure }: HostSummary, paint: Paint): string {
  if (outcome === 'done') return paint.green('done');
  if (outcome === 'failed') return paint.red(`failed at ${firstLine(failure ?? '')}`);
  return outcome === 'partly' ? paint.yellow('partly done') : paint.dim('untouched');
}

const firstLine = (text: string): string => {
  const [line = ''] = text.split('\n');
  return line.length > 72 ? `${line.slice(0, 71)}…` : line;
};
