import type { Fault } from '../../model/fault.ts';
import { jsonVersion } from '../../report/plan-json.ts';
import type { DrillEvent } from '../event.ts';
import type { DrillResult } from '../result.ts';

/** Typed JSON, one record a line: the version first, every event with its time, a summary last. */
export const versionAsJson = (now: Date): string => lineOf({ type: 'version', version: jsonVersion }, now);

export const eventAsJson = (event: DrillEvent, now: Date): string => lineOf(event, now);

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
        target: trial.target ?? null,
        verdict: trial.verdict,
      })),
    },
    now,
  );

/** One fault as `--list --json` shows it, without its scripts. */
export const faultAsJson = ({
  name,
  title,
  lastsSeconds,
  budgets,
  secondBudgetMilliseconds,
  act,
}: Fault): object => ({
  name,
  title,
  kind: act.kind,
  lastsSeconds,
  budgets,
  secondBudgetMilliseconds,
});

const lineOf = (entry: object, now: Date): string => JSON.stringify({ ...entry, at: now.toISOString() });
