import type { ExecutionEvent } from '../../src/model/event.ts';
import { McpError } from '../../src/model/failure.ts';
import type { Batch, Plan } from '../../src/model/plan.ts';
import { titleOf } from '../../src/model/step-title.ts';
import { deployedHosts, simulatedCloud } from './simulated-cloud.ts';

/** Three batches, a member of the cluster each, with files and a restart. */
export const threeBatches: Plan = simulatedCloud({ unitFile: 2 }).plan(deployedHosts());

/** What a unit said that did not start: nothing in it may break a table, a fence or a document. */
const hostileWords =
  'restart cluster.service exited 1: | no <table> `x` & "y"\u0000\u001b[31m red\u001b[0m ]]> \ud800\nand @all ```';

export const stepFailure = new McpError('command-failed', hostileWords, {
  host: 'ctl03',
  hint: 'look at the <journal>',
});

const finding = (message: string, host: string) =>
  ({
    check: { name: 'cluster.runs', service: 'cluster' },
    finding: { severity: 'red', hosts: [host], message },
  }) as const;

const closing = { causes: [], others: [finding('is joining', 'ctl02')] };

export const gateFailure = new McpError(
  'degraded',
  'the cluster is not well after it, waited 120 s:\nctl02: is joining',
  { hint: 'see `mcp status`', findings: ['ctl02: is joining', 'ctl01: sees 2 of 3 members'] },
);

const began: readonly ExecutionEvent[] = [
  { type: 'lock-waiting', host: 'ctl01', reason: 'locked by run r0' },
  { type: 'rollout-started', run: 'r1', plan: threeBatches },
  { type: 'lock-acquired', hosts: ['ctl01', 'ctl02', 'ctl03'] },
  { type: 'files-staged', host: 'ctl02', files: 1 },
];

const batchAt = (index: number): Batch => {
  const batch = threeBatches.batches[index];
  if (batch === undefined) throw new Error(`there is no batch ${index}`);
  return batch;
};

const startOf = (batch: Batch): readonly ExecutionEvent[] => [
  { type: 'gate-passed', batch: batch.id, when: 'before', seconds: 0.4 },
  { type: 'batch-started', batch, total: threeBatches.batches.length },
];

const step = (batch: Batch, title: string) => ({ host: batch.hosts[0]?.host ?? '', batch: batch.id, title });

/** Leaves, does what is planned, and returns; `failing`: the step it ends with. */
function stepsOf(batch: Batch, failing?: string): readonly ExecutionEvent[] {
  const titles = ['drain it', ...(batch.hosts[0]?.steps ?? []).map(titleOf), 'let it in'];
  const end = failing === undefined ? titles.length : titles.indexOf(failing);
  return [
    ...titles.slice(0, end).flatMap((title): readonly ExecutionEvent[] => [
      { type: 'step-started', ...step(batch, title) },
      { type: 'step-finished', ...step(batch, title), seconds: 1.5 },
    ]),
    ...(failing === undefined
      ? []
      : ([
          { type: 'step-started', ...step(batch, failing) },
          { type: 'step-failed', ...step(batch, failing), failure: stepFailure },
        ] as const)),
  ];
}

const wholeBatch = (batch: Batch): readonly ExecutionEvent[] => [
  ...startOf(batch),
  ...stepsOf(batch),
  { type: 'gate-waiting', batch: batch.id, when: 'after', closing },
  { type: 'gate-passed', batch: batch.id, when: 'after', seconds: 4 },
  { type: 'batch-finished', batch: batch.id, seconds: 17 },
];

/** A run that ends well. */
export const runDone: readonly ExecutionEvent[] = [
  ...began,
  ...threeBatches.batches.flatMap(wholeBatch),
  { type: 'gate-passed', batch: 0, when: 'after', seconds: 2 },
  { type: 'rollout-finished', seconds: 75 },
];

/** The second member does not start; ends with `stepFailure`. */
export const haltedAtStep: readonly ExecutionEvent[] = [
  ...began,
  ...wholeBatch(batchAt(0)),
  ...startOf(batchAt(1)),
  ...stepsOf(batchAt(1), 'restart cluster.service'),
  { type: 'rollout-halted', reason: stepFailure, untouched: ['ctl01'] },
];

/** The cluster is not well after the first member; ends with `gateFailure`. */
export const haltedAtGate: readonly ExecutionEvent[] = [
  ...began,
  ...startOf(batchAt(0)),
  ...stepsOf(batchAt(0)),
  { type: 'gate-waiting', batch: 1, when: 'after', closing },
  { type: 'rollout-halted', reason: gateFailure, untouched: ['ctl01', 'ctl03'] },
];

/** Nothing was wrong until then. */
export const afterOneBatch: readonly ExecutionEvent[] = [...began, ...wholeBatch(batchAt(0))];

/** Locked, and nothing else done yet. */
export const justBegun: readonly ExecutionEvent[] = began;

/** The first member is on its way out. */
export const inFirstBatch: readonly ExecutionEvent[] = [
  ...began,
  ...startOf(batchAt(0)),
  { type: 'step-started', ...step(batchAt(0), 'drain it') },
];
