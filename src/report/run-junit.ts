import type { McpError } from '../model/failure.ts';
import { failureAsText } from './failure-text.ts';
import type { CaseOutcome, TestCase, TestReport, TestSuite } from './junit.ts';
import { headline } from './plan-text.ts';
import type { BatchCourse, GateCourse, RunCourse, StepCourse } from './run-course.ts';
import { batchName, wholeFailure } from './run-words.ts';

/**
 * A run as test cases: a suite for the plan and one for each batch, with a case for each step on each host and for each
 * gate. What was not begun is skipped; what ended the run is a failure of its step or its gate, or an error where it was
 * neither.
 */
export function runAsTests(verb: string, course: RunCourse): TestReport {
  const { summary, batches, lastGate, halt } = course;
  return {
    name: verb,
    ...(halt ? {} : { seconds: summary.seconds }),
    suites: [
      { name: 'plan', cases: planCases(verb, course) },
      ...batches.map((batch) => batchSuite(batch, course)),
      ...(lastGate ? [{ name: 'last gate', cases: [gateCase('last gate', lastGate, course)] }] : []),
      ...(halt?.at === 'between' ? [{ name: 'run', cases: [haltCase('run', halt.reason)] }] : []),
    ],
  };
}

/** Something that failed before anything was begun. */
export const failureAsTests = (verb: string, failure: McpError): TestReport => ({
  name: verb,
  suites: [{ name: 'plan', cases: [{ ...haltCase(verb, failure), name: 'plan' }] }],
});

function planCases(verb: string, { begun, halt }: RunCourse): readonly TestCase[] {
  const plan = { classname: verb, name: 'plan' };
  if (halt?.at === 'plan') return [{ ...haltCase(verb, halt.reason), ...plan }];
  const remarks = begun ? headline(begun.plan) : 'nothing to change';
  return [
    { ...plan, outcome: { kind: 'passed', remarks } },
    ...(halt?.at === 'beginning' ? [haltCase('run', halt.reason)] : []),
  ];
}

function batchSuite({ batch, state, seconds, ...course }: BatchCourse, run: RunCourse): TestSuite {
  const { before, steps, after } = course;
  const cases = [
    ...(before ? [gateCase('gate before', before, run)] : []),
    ...steps.map((step) => stepCase(step, run)),
    ...(after ? [gateCase('gate after', after, run)] : []),
    ...haltIn(batch.id, run),
  ];
  const hosts = batch.hosts.length > 0 ? batch.hosts.map(({ host }) => host) : batch.leaving;
  const outcome: CaseOutcome = state === 'done' ? { kind: 'passed' } : untouched;
  return {
    name: batchName(batch, run.batches.length),
    ...(seconds === undefined ? {} : { seconds }),
    cases: cases.length > 0 ? cases : hosts.map((host) => ({ classname: host, name: batch.title, outcome })),
  };
}

const untouched: CaseOutcome = { kind: 'skipped', message: 'untouched' };

/** What ended the run in a batch, where that was no step's own failure and no gate's. */
function haltIn(id: number, { halt, batches }: RunCourse): readonly TestCase[] {
  if (halt === undefined || (halt.at !== 'batch' && halt.at !== 'step') || halt.batch.id !== id) return [];
  const isTold = batches
    .flatMap(({ steps }) => steps)
    .some(({ failure }) => failure?.code === halt.reason.code && failure.message === halt.reason.message);
  return isTold ? [] : [haltCase('run', halt.reason)];
}

function stepCase({ host, title, seconds, state, failure }: StepCourse, { halt }: RunCourse): TestCase {
  const outcome: Readonly<Record<StepCourse['state'], CaseOutcome>> = {
    done: { kind: 'passed' },
    failed: failure ? failed('failure', failure, wholeFailure(failure)) : untouched,
    unknown: {
      ...{ kind: 'error', type: halt?.reason.code ?? 'interrupted' },
      ...{ message: 'the run ended while it was under way', text: 'the run ended while it was under way' },
    },
    untouched,
  };
  return {
    classname: host,
    name: title,
    ...(seconds === undefined ? {} : { seconds }),
    outcome: outcome[state],
  };
}

function gateCase(name: string, { passedAfter, findings }: GateCourse, { halt }: RunCourse): TestCase {
  const place = { classname: 'gate', name };
  if (passedAfter !== undefined) return { ...place, seconds: passedAfter, outcome: { kind: 'passed' } };
  if (halt === undefined) return { ...place, outcome: untouched };
  const text = [failureAsText(halt.reason), '\nWhat kept it closed:', ...findings].join('\n');
  return { ...place, outcome: failed('failure', halt.reason, text) };
}

function haltCase(classname: string, failure: McpError): TestCase {
  const file = failure.details.diagnostics?.[0]?.file;
  return {
    classname: failure.details.host ?? classname,
    name: 'halted',
    ...(file === undefined ? {} : { file }),
    outcome: failed('error', failure, wholeFailure(failure)),
  };
}

const failed = (kind: 'failure' | 'error', { code, message }: McpError, text: string): CaseOutcome => ({
  ...{ kind, type: code, message },
  text: `${text}\ncode: ${code}`,
});
