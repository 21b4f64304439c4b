import type { ExecutionEvent } from '../model/event.ts';
import type { McpError } from '../model/failure.ts';
import { everythingAsLines } from '../model/finding-lines.ts';
import type { Batch, Plan } from '../model/plan.ts';
import { titleOf } from '../model/step-title.ts';
import { type RolloutSummary, summarise } from './summary.ts';

/** What became of a run, batch by batch: a fold of its events, for those who tell all of it when it has ended. */
export interface RunCourse {
  readonly summary: RolloutSummary;
  /** Undefined where it had not begun. */
  readonly begun: { readonly run: string; readonly plan: Plan } | undefined;
  readonly batches: readonly BatchCourse[];
  readonly lastGate: GateCourse | undefined;
  /** Undefined where nothing ended it early. */
  readonly halt: Halt | undefined;
  /** Why the account of it on this machine ends before it does. */
  readonly journalLost: string | undefined;
}

export interface BatchCourse {
  readonly batch: Batch;
  readonly state: 'done' | 'under way' | 'untouched';
  /** Undefined where it was not finished. */
  readonly seconds: number | undefined;
  readonly before: GateCourse | undefined;
  readonly after: GateCourse | undefined;
  readonly steps: readonly StepCourse[];
}

export interface GateCourse {
  /** Seconds that it was waited for; undefined: it stayed closed. */
  readonly passedAfter: number | undefined;
  /** What kept it closed when it last said so. */
  readonly findings: readonly string[];
}

export interface StepCourse {
  readonly host: string;
  readonly title: string;
  /** `unknown`: it was begun, and nothing was heard of it any more. */
  readonly state: 'done' | 'failed' | 'unknown' | 'untouched';
  readonly seconds?: number;
  readonly failure?: McpError;
}

/** Where a run ended early. */
export type Halt = { readonly reason: McpError } & (
  | { readonly at: 'step'; readonly batch: Batch; readonly step: StepCourse }
  | { readonly at: 'gate'; readonly when: 'before' | 'after'; readonly batch: Batch }
  | { readonly at: 'last gate' }
  | { readonly at: 'batch'; readonly batch: Batch }
  /** Between two batches, or behind all of them. */
  | { readonly at: 'between'; readonly after: Batch }
  /** Locked, and no batch begun. */
  | { readonly at: 'beginning' }
  /** Refused, or given up, before anything was locked. */
  | { readonly at: 'plan' }
);

/** Folds the events of one run; `failure` is what ended it when no event said so. */
export function courseOf(events: readonly ExecutionEvent[], failure?: McpError): RunCourse {
  const summary = summarise(events, failure);
  const begun = events.find((event) => event.type === 'rollout-started');
  const batches = (begun?.plan.batches ?? []).map((batch) => batchCourse(batch, events));
  const lastGate = gateCourse(events, 0, 'after');
  const lost = events.find((event) => event.type === 'journal-lost');
  return {
    summary,
    begun,
    batches,
    lastGate,
    halt: summary.reason && { reason: summary.reason, ...placeOf(begun !== undefined, batches, lastGate) },
    journalLost: lost && `the account in ${lost.file} ends early: ${lost.reason}`,
  };
}

function batchCourse(batch: Batch, events: readonly ExecutionEvent[]): BatchCourse {
  const own = events.filter((event) => isOf(event, batch));
  const finished = own.find((event) => event.type === 'batch-finished');
  const told = stepsIn(own);
  return {
    batch,
    state: finished ? 'done' : own.length > 0 ? 'under way' : 'untouched',
    seconds: finished?.seconds,
    before: gateCourse(own, batch.id, 'before'),
    after: gateCourse(own, batch.id, 'after'),
    steps: finished ? told : [...told, ...untouchedSteps(batch, told)],
  };
}

function isOf(event: ExecutionEvent, { id }: Batch): boolean {
  if (event.type === 'batch-started') return event.batch.id === id;
  return 'batch' in event && event.batch === id;
}

function stepsIn(events: readonly ExecutionEvent[]): readonly StepCourse[] {
  const steps: StepCourse[] = [];
  for (const event of events) {
    if (event.type === 'step-started') steps.push({ ...named(event), state: 'unknown' });
    if (event.type !== 'step-finished' && event.type !== 'step-failed') continue;
    const index = steps.findLastIndex(
      ({ host, title, state }) => host === event.host && title === event.title && state === 'unknown',
    );
    steps[index === -1 ? steps.length : index] =
      event.type === 'step-finished'
        ? { ...named(event), state: 'done', seconds: event.seconds }
        : { ...named(event), state: 'failed', failure: event.failure };
  }
  return steps;
}

const named = ({ host, title }: { readonly host: string; readonly title: string }) => ({ host, title });

/** Planned, and not begun. What members do to leave and to return is decided when it is due, and is in no plan. */
function untouchedSteps({ hosts }: Batch, told: readonly StepCourse[]): readonly StepCourse[] {
  return hosts.flatMap(({ host, steps }) => {
    const begun = told.filter((step) => step.host === host).map(({ title }) => title);
    return steps.map(titleOf).flatMap((title): readonly StepCourse[] => {
      const index = begun.indexOf(title);
      if (index !== -1) begun.splice(index, 1);
      return index === -1 ? [{ host, title, state: 'untouched' }] : [];
    });
  });
}

/** The gate of one place; the last of a run has the number 0. */
function gateCourse(
  events: readonly ExecutionEvent[],
  batch: number,
  when: 'before' | 'after',
): GateCourse | undefined {
  const told = events.filter(
    (event) =>
      (event.type === 'gate-waiting' || event.type === 'gate-passed') &&
      event.batch === batch &&
      event.when === when,
  );
  if (told.length === 0) return undefined;
  const passed = told.findLast((event) => event.type === 'gate-passed');
  const waiting = told.findLast((event) => event.type === 'gate-waiting');
  return {
    passedAfter: passed?.seconds,
    findings: waiting ? everythingAsLines(waiting.closing) : [],
  };
}

type Place = Halt extends infer Each ? (Each extends Halt ? Omit<Each, 'reason'> : never) : never;

function placeOf(
  hasBegun: boolean,
  batches: readonly BatchCourse[],
  lastGate: GateCourse | undefined,
): Place {
  if (!hasBegun) return { at: 'plan' };
  for (const { batch, steps, before, after } of batches) {
    const step = steps.find(({ state }) => state === 'failed');
    if (step) return { at: 'step', batch, step };
    if (isClosed(before)) return { at: 'gate', when: 'before', batch };
    if (isClosed(after)) return { at: 'gate', when: 'after', batch };
  }
  if (isClosed(lastGate)) return { at: 'last gate' };
  const underWay = batches.find(({ state }) => state === 'under way');
  if (underWay) return { at: 'batch', batch: underWay.batch };
  const last = batches.findLast(({ state }) => state === 'done');
  return last ? { at: 'between', after: last.batch } : { at: 'beginning' };
}

const isClosed = (gate: GateCourse | undefined): boolean =>
  gate !== undefined && gate.passedAfter === undefined;
