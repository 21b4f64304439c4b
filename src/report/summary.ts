import type { ExecutionEvent } from '../model/event.ts';
import { exitCodeOf, exitCodes, type McpError } from '../model/failure.ts';
import type { Plan } from '../model/plan.ts';

/** What became of a rollout: a fold of its events. */
export interface RolloutSummary {
  readonly outcome: 'done' | 'nothing-to-change' | 'halted';
  readonly hosts: readonly HostSummary[];
  readonly batches: { readonly done: number; readonly total: number };
  readonly seconds: number;
  readonly reason: McpError | undefined;
  readonly exitCode: number;
}

export interface HostSummary {
  readonly host: string;
  /** `partly`: some of its batches were done when the run ended. */
  readonly outcome: 'done' | 'failed' | 'partly' | 'untouched';
  readonly stepsDone: number;
  /** Seconds that its steps took together. */
  readonly seconds: number;
  readonly failure: string | undefined;
}

/** Folds the events of one rollout; `failure` is what ended it when no event said so. */
export function summarise(events: readonly ExecutionEvent[], failure?: McpError): RolloutSummary {
  const plan = events.find((event) => event.type === 'rollout-started')?.plan;
  const halted = events.find((event) => event.type === 'rollout-halted');
  const reason = failure ?? halted?.reason;
  return {
    outcome: reason ? 'halted' : plan ? 'done' : 'nothing-to-change',
    hosts: plan ? hostsOf(plan).map((host) => summariseHost(host, plan, events)) : [],
    batches: {
      done: events.filter((event) => event.type === 'batch-finished').length,
      total: plan?.batches.length ?? 0,
    },
    seconds: secondsOf(events),
    reason,
    exitCode: reason ? exitCodeOf(reason.code) : exitCodes.done,
  };
}

const hostsOf = (plan: Plan): readonly string[] =>
  [...new Set(plan.batches.flatMap(({ hosts }) => hosts.map(({ host }) => host)))].sort();

function summariseHost(host: string, plan: Plan, events: readonly ExecutionEvent[]): HostSummary {
  const finished = events.filter((event) => event.type === 'step-finished' && event.host === host);
  const failed = events.find((event) => event.type === 'step-failed' && event.host === host);
  const done = new Set(events.flatMap((event) => (event.type === 'batch-finished' ? [event.batch] : [])));
  const batches = plan.batches.filter(({ hosts }) => hosts.some((member) => member.host === host));
  return {
    host,
    outcome: failed
      ? 'failed'
      : batches.every(({ id }) => done.has(id))
        ? 'done'
        : finished.length > 0
          ? 'partly'
          : 'untouched',
    stepsDone: finished.length,
    seconds: finished.reduce((sum, event) => sum + (event.type === 'step-finished' ? event.seconds : 0), 0),
    failure: failed?.type === 'step-failed' ? `${failed.title}: ${failed.failure.message}` : undefined,
  };
}

/** The whole run where it finished; otherwise what its batches took. */
function secondsOf(events: readonly ExecutionEvent[]): number {
  const finished = events.find((event) => event.type === 'rollout-finished');
  if (finished) return finished.seconds;
  return events.reduce((sum, event) => sum + (event.type === 'batch-finished' ? event.seconds : 0), 0);
}
