import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { journalled } from '../../src/execute/journal.ts';
import { systemClock } from '../../src/execute/run-context.ts';
import type { ExecutionEvent } from '../../src/model/event.ts';
import { McpError } from '../../src/model/failure.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const event: ExecutionEvent = { type: 'batch-finished', batch: 1, seconds: 2 };

test('events are written before they are told', () => {
  const written: string[] = [];
  const told = () => written.push(readFileSync(join(folder, 'events.jsonl'), 'utf8'));
  journalled(told, folder, systemClock)(event);
  expect(JSON.parse(written[0] ?? '')).toMatchObject(event);
});

test('a failure is written with its words and what to do, and without what it comes of: that can hold anything', () => {
  const failure = new McpError('command-failed', 'alpha did not start', {
    host: 'ctl01',
    hint: 'look at it',
    cause: { output: 'correct-horse' },
  });
  const write = journalled(() => undefined, folder, systemClock);
  write({ type: 'step-failed', batch: 1, host: 'ctl01', title: 'start alpha', failure });
  const text = readFileSync(join(folder, 'events.jsonl'), 'utf8');
  expect(JSON.parse(text).failure).toEqual({
    ...{ code: 'command-failed', message: 'alpha did not start', hint: 'look at it', host: 'ctl01' },
  });
  expect(text).not.toContain('correct-horse');
});

test('a run that can keep no account of itself does not begin, and says where', () => {
  const inTheWay = join(folder, 'runs');
  writeFileSync(inTheWay, '');
  expect(() => journalled(() => undefined, inTheWay, systemClock)).toThrow(
    expect.objectContaining({
      code: 'invalid-arguments',
      message: `nothing can be written below ${inTheWay}`,
    }),
  );
});

test('a run whose account can not go on goes on without, and tells that once', () => {
  mkdirSync(join(folder, 'run'));
  symlinkSync('/dev/full', join(folder, 'run/events.jsonl'));
  const told: ExecutionEvent[] = [];
  const emit = journalled((each) => told.push(each), join(folder, 'run'), systemClock);
  emit(event);
  emit(event);
  expect(told.map(({ type }) => type)).toEqual(['journal-lost', 'batch-finished', 'batch-finished']);
  expect(told[0]).toMatchObject({ reason: expect.stringContaining('no space left') });
});
