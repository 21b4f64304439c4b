import type { Fault } from '../../model/fault.ts';
import { jsonVersion } from '../../report/plan-json.ts';
import type { DrillEvent } from '../event.ts';
import type { DrillResult } from '../result.ts';

/** Typed JSON, one record a line: the version first, every event with its time, a summary last. */
export const versionAsJson = (now: Date): string => lineOf({ type: 'version', version: jsonVersion }, now);

export function eventAsJson(event: DrillEvent, now: Date): string {
  if (event.type === 'trial-finished')
    return lineOf({ ...event, result: { ...event.result, target: oneOf(event.result.targets) } }, now);
  return lineOf('hosts' in event ? { ...event, host: oneOf(event.hosts) } : event, now);
}

/** Any other record: what `--steady` found, a list of faults. */
export const recordAsJson = (record: object, now: Date): string => lineOf(record, now);

/** Without the trials: each was told when it finished. */
export const drillSummaryAsJson = ({ verdict, trials }: DrillResult, now: Date): string =>
  lineOf(
    {
      type: 'summary',
      verdict,
      trials: trials.map((trial) => ({
        fault: trial.fault,
        repeat: trial.repeat,
        target: oneOf(trial.targets),
        targets: trial.targets,
        verdict: trial.verdict,
      })),
    },
    now,
  );

/** The host where it is one alone, for readers that know no fault of several. */
const oneOf = (hosts: readonly string[]): string | null => (hosts.length === 1 ? (hosts[0] ?? null) : null);

/** One fault as `--list --json` shows it, without its scripts. */
export const faultAsJson = ({
  name,
  title,
  lastsSeconds,
  budgets,
  vipBudgets = {},
  secondBudgetMilliseconds,
  kind,
  onlyByName,
}: Fault): object => ({
  name,
  title,
  kind,
  onlyByName: onlyByName === true,
  lastsSeconds,
  budgets,
  vipBudgets,
  secondBudgetMilliseconds,
});

const lineOf = (entry: object, now: Date): string => JSON.stringify({ ...entry, at: now.toISOString() });
