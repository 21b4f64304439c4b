import { expect, onTestFinished, test, vi } from 'vitest';
import type { ExecutionEvent } from '../../src/model/event.ts';
import { McpError } from '../../src/model/failure.ts';
import type { Plan } from '../../src/model/plan.ts';
import {
  createJsonLines,
  createPlainLines,
  follow,
  type RolloutListener,
  summarise,
  summaryAsText,
  together,
} from '../../src/report/index.ts';
import { deployedHosts, simulatedCloud } from '../support/simulated-cloud.ts';

const plan: Plan = simulatedCloud({ unitFile: 2 }).plan(deployedHosts());
const now = () => new Date('2026-11-22T23:15:00Z');
const failure = new McpError('command-failed', 'restart cluster.service exited 1: no such table', {
  host: 'ctl03',
  hint: 'look at the journal',
});

/** A rollout whose second member fails. */
const halted: readonly ExecutionEvent[] = [
  { type: 'rollout-started', run: 'r1', plan },
  { type: 'lock-acquired', hosts: ['ctl01', 'ctl02', 'ctl03'] },
  ...plan.batches.slice(0, 2).flatMap((batch, index): readonly ExecutionEvent[] => {
    const host = batch.hosts[0]?.host ?? '';
    const step = { host, batch: batch.id, title: 'restart cluster.service' };
    const finding = { severity: 'red', hosts: [host], message: 'is joining' } as const;
    const closing = {
      causes: [],
      others: [{ check: { name: 'cluster.runs', service: 'cluster' }, finding }],
    };
    return [
      { type: 'batch-started', batch, total: plan.batches.length },
      { type: 'step-started', ...step },
      ...(index === 0
        ? ([
            { type: 'step-finished', ...step, seconds: 12 },
            { type: 'gate-waiting', batch: batch.id, when: 'after', closing },
            { type: 'gate-waiting', batch: batch.id, when: 'after', closing },
            { type: 'gate-passed', batch: batch.id, when: 'after', seconds: 4 },
            { type: 'batch-finished', batch: batch.id, seconds: 17 },
          ] as const)
        : ([{ type: 'step-failed', ...step, failure }] as const)),
    ];
  }),
  { type: 'rollout-halted', reason: failure, untouched: ['ctl01'] },
];

async function linesFrom(
  create: (write: (line: string) => void) => RolloutListener,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const listener = create((line) => lines.push(line));
  for (const event of halted) listener.emit(event);
  await listener.finish(failure);
  return lines;
}

test('the summary tells done, failed and untouched hosts apart and keeps the exit code', () => {
  const summary = summarise(halted, failure);
  expect(summary.hosts.map(({ host, outcome }) => `${host} ${outcome}`)).toEqual([
    'ctl01 untouched',
    'ctl02 done',
    'ctl03 failed',
  ]);
  expect(summary).toMatchObject({ outcome: 'halted', exitCode: 6, batches: { done: 1, total: 3 } });
  expect(summaryAsText(summary)).toContain('halted: 1 of 3 batches done');
});

test('a rollout that finished is done, and no rollout at all is nothing to change', () => {
  const done: readonly ExecutionEvent[] = [
    { type: 'rollout-started', run: 'r1', plan },
    ...plan.batches.map(({ id }) => ({ type: 'batch-finished', batch: id, seconds: 1 }) as const),
    { type: 'rollout-finished', seconds: 75 },
  ];
  expect(summarise(done)).toMatchObject({ outcome: 'done', exitCode: 0, seconds: 75 });
  expect(summaryAsText(summarise(done))).toContain('done: 3 batches in 1 min 15 s');
  expect(summaryAsText(summarise([]))).toBe('nothing to change');
});

test('a run that was refused before anything started says that no host was touched', () => {
  const refused = summarise([], new McpError('drift', 'edited by someone else'));
  expect(refused.exitCode).toBe(11);
  expect(summaryAsText(refused)).toBe('halted before any host was touched');
});

test('plain lines are stable, and a gate that waits for the same says so once', async () => {
  const lines = await linesFrom((write) => createPlainLines({ write, now }));
  expect(lines.slice(0, -1)).toEqual([
    '23:15:00 run r1: 3 batches',
    '23:15:00 locked ctl01 ctl02 ctl03',
    '23:15:00 batch 1 of 3: Cluster on ctl02 (ctl02; meanwhile cluster 2 of 3)',
    '23:15:00 ctl02: restart cluster.service',
    '23:15:00 ctl02: restart cluster.service: done in 12 s',
    '23:15:00 gate after batch 1: waiting: ctl02: is joining',
    '23:15:00 gate after batch 1: passed after 4.0 s',
    '23:15:00 batch 1: done in 17 s',
    '23:15:00 batch 2 of 3: Cluster on ctl03 (ctl03; meanwhile cluster 2 of 3)',
    '23:15:00 ctl03: restart cluster.service',
    '23:15:00 ctl03: restart cluster.service: FAILED: restart cluster.service exited 1: no such table',
    '23:15:00 HALTED: restart cluster.service exited 1: no such table; untouched: ctl01',
  ]);
});

test('a log that says nothing for a minute tells what is still going on, and stops at the end', async () => {
  vi.useFakeTimers({ now: new Date('2026-01-01T10:00:00Z') });
  onTestFinished(() => void vi.useRealTimers());
  const lines: string[] = [];
  const listener = createPlainLines({ write: (line) => void lines.push(line), now: () => new Date() });
  vi.advanceTimersByTime(200_000);
  const step = { host: 'ctl01', batch: 1, title: 'install packages' } as const;
  listener.emit({ type: 'step-started', ...step });
  vi.advanceTimersByTime(150_000);
  listener.emit({ type: 'step-finished', ...step, seconds: 150 });
  vi.advanceTimersByTime(200_000);
  listener.emit({ type: 'step-started', ...step, host: 'ctl02' });
  await listener.finish();
  vi.advanceTimersByTime(200_000);
  expect(lines.slice(0, -1)).toEqual([
    '10:03:20 ctl01: install packages',
    '10:04:20 still going on: ctl01: install packages (1 min 00 s)',
    '10:05:20 still going on: ctl01: install packages (2 min 00 s)',
    '10:05:50 ctl01: install packages: done in 2 min 30 s',
    '10:09:10 ctl02: install packages',
  ]);
});

const found = (message: string, host: string) =>
  ({
    check: { name: 'cluster.runs', service: 'cluster' },
    finding: { severity: 'red', hosts: [host], message },
  }) as const;
const deadHost = {
  causes: [
    {
      check: { name: 'host.reachable', service: 'host' },
      finding: { severity: 'red', hosts: ['ctl02'], message: 'ctl02 does not answer', outage: 'host' },
      capacity: ['cluster 2 of 3'],
      follows: [found('sees 2 of 3 members', 'ctl01'), found('nothing is known', 'ctl02')],
    },
  ],
  others: [found('lags behind', 'ctl03')],
} as const;
const waiting: ExecutionEvent = { type: 'gate-waiting', batch: 1, when: 'before', closing: deadHost };

test('a gate that waits for a dead host names it once, and all that follows with --verbose', () => {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  createPlainLines({ write, now }).emit(waiting);
  createPlainLines({ write, now, telling: 'everything' }).emit(waiting);
  expect(lines).toEqual([
    '23:15:00 gate before batch 1: waiting: ctl02 does not answer (2 findings follow from it; --verbose shows them); ctl03: lags behind',
    '23:15:00 gate before batch 1: waiting: ctl02 does not answer; ctl01: sees 2 of 3 members; ctl02: nothing is known; ctl03: lags behind',
  ]);
});

test('JSON lines keep every finding of a gate, and say what they come of', () => {
  const lines: string[] = [];
  createJsonLines({ write: (line) => void lines.push(line), now }).emit(waiting);
  const record = JSON.parse(lines.at(-1) ?? '');
  expect(record.findings).toHaveLength(4);
  expect(record.causes).toMatchObject([{ message: 'ctl02 does not answer', follows: [{}, {}] }]);
});

test('a halt with --verbose ends with everything that was found', async () => {
  const halt = new McpError('degraded', 'ctl02 does not answer', { findings: ['one', 'two'] });
  const told = async (telling: 'causes' | 'everything') => {
    const lines: string[] = [];
    await createPlainLines({ write: (line) => void lines.push(line), now, telling }).finish(halt);
    return lines.includes('one') && lines.includes('two');
  };
  expect([await told('causes'), await told('everything')]).toEqual([false, true]);
});

test('JSON lines begin with a version, end with a summary, and each is one record', async () => {
  const records = (await linesFrom((write) => createJsonLines({ write, now }))).map((line) =>
    JSON.parse(line),
  );
  expect(records[0]).toMatchObject({ type: 'version', version: 1 });
  expect(records.at(-1)).toMatchObject({ type: 'summary', outcome: 'halted', exitCode: 6 });
  expect(records.at(-1).reason).toMatchObject({
    code: 'command-failed',
    host: 'ctl03',
    hint: 'look at the journal',
  });
  expect(records.every(({ at }) => at === '2026-11-22T23:15:00.000Z')).toBe(true);
  expect(JSON.stringify(records)).not.toContain('"script"');
});

test('a listener is finished with the failure, and the failure goes on', async () => {
  const seen: unknown[] = [];
  const listener: RolloutListener = {
    emit: () => undefined,
    async finish(reason) {
      seen.push(reason);
    },
  };
  await expect(follow(listener, () => Promise.reject(failure))).rejects.toBe(failure);
  await follow(listener, async () => undefined);
  expect(seen).toEqual([failure, undefined]);
});

test('of several listeners each hears of everything, and of the end even where another fails at it', async () => {
  const heard: string[] = [];
  const named = (name: string, broken?: Error): RolloutListener => ({
    emit: ({ type }) => void heard.push(`${name} ${type}`),
    async finish(reason) {
      heard.push(`${name} ${reason?.code}`);
      if (broken !== undefined) throw broken;
    },
  });
  const bug = new Error('it can not draw');
  const both = together([named('terminal', bug), named('file')]);
  both.emit({ type: 'rollout-finished', seconds: 1 });
  await expect(both.finish(failure)).rejects.toBe(bug);
  expect(heard).toEqual([
    'terminal rollout-finished',
    'file rollout-finished',
    'terminal command-failed',
    'file command-failed',
  ]);
});
