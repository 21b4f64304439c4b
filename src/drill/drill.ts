import { McpError } from '../model/failure.ts';
import { type Fault, needsPlug } from '../model/fault.ts';
import type { DrillContext } from './context.ts';
import { plugsFor } from './healing.ts';
import type { DrillResult, TrialResult } from './result.ts';
import { runTrial } from './trial.ts';
import { worstOf } from './verdict.ts';

export interface DrillOptions {
  /** Names of faults; empty: all of this inventory's but those that are only done when named. */
  readonly faults: readonly string[];
  readonly repeat: number;
}

/**
 * Breaks what was asked for, one thing at a time, and measures what clients saw. A trial that could not be brought back
 * to health ends the drill: nothing more is broken in a cluster that is already hurt.
 */
export async function runDrill(options: DrillOptions, context: DrillContext): Promise<DrillResult> {
  const faults = chosenFaults(options.faults, context);
  const trials: TrialResult[] = [];
  for (const fault of faults) {
    for (let repeat = 1; repeat <= options.repeat; repeat += 1) {
      context.emit({ type: 'trial-started', fault: fault.name, repeat, repeats: options.repeat });
      const result = await trialOrReason({ fault, repeat }, context);
      trials.push(result);
      context.emit({ type: 'trial-finished', result });
      if (result.verdict === 'ABORTED')
        return { verdict: worstOf(trials.map(({ verdict }) => verdict)), trials };
    }
  }
  return { verdict: worstOf(trials.map(({ verdict }) => verdict)), trials };
}

/** The faults by name, in the order asked for. Throws McpError for one that nobody knows or that is out of reach. */
function chosenFaults(
  names: readonly string[],
  context: Pick<DrillContext, 'faults' | 'power'>,
): readonly Fault[] {
  const chosen =
    names.length === 0
      ? context.faults.filter(({ onlyByName }) => onlyByName !== true)
      : names.map((name) => faultNamed(name, context.faults));
  const outOfReach = chosen.filter((fault) => needsPlug(fault) && context.power === undefined);
  if (names.length > 0) for (const fault of outOfReach) plugsFor(fault, context);
  return chosen.filter((fault) => !outOfReach.includes(fault));
}

function faultNamed(name: string, faults: readonly Fault[]): Fault {
  const fault = faults.find((candidate) => candidate.name === name);
  if (fault) return fault;
  throw new McpError('invalid-arguments', `there is no fault ${name}`, {
    hint: `choose from: ${faults.map((candidate) => candidate.name).join(', ')}`,
  });
}

async function trialOrReason(
  trial: Parameters<typeof runTrial>[0],
  context: DrillContext,
): Promise<TrialResult> {
  try {
    return await runTrial(trial, context);
  } catch (error) {
    if (!(error instanceof McpError) && !context.signal.aborted) throw error;
    const { fault, repeat } = trial;
    const reason = context.signal.aborted ? 'interrupted before anything was broken' : messageOf(error);
    return {
      fault: fault.name,
      title: fault.title,
      repeat,
      targets: [],
      verdict: 'ABORTED',
      reasons: [reason],
      measured: undefined,
    };
  }
}

const messageOf = (error: unknown): string => {
  if (!(error instanceof McpError)) return String(error);
  return error.details.hint === undefined ? error.message : `${error.message} (${error.details.hint})`;
};
