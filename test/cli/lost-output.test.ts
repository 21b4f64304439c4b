import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { hearLostOutput } from '../../src/cli/lost-output.ts';

function listening() {
  const [stdout, stderr] = [new EventEmitter(), new EventEmitter()];
  const said: string[] = [];
  const exitCodeAfter = hearLostOutput({ stdout, stderr, complain: (text) => said.push(text) });
  const fail = (stream: EventEmitter, code: string) =>
    stream.emit('error', Object.assign(new Error(`${code}: write`), { code }));
  return { stdout, stderr, said, exitCodeAfter, fail };
}

test('a full disk behind standard output is told once, and nothing has ended well then', () => {
  const { stdout, said, exitCodeAfter, fail } = listening();
  fail(stdout, 'ENOSPC');
  fail(stdout, 'ENOSPC');
  expect(said).toEqual([expect.stringContaining("standard output can't be written: ENOSPC: write")]);
  expect([exitCodeAfter(0), exitCodeAfter(8)]).toEqual([3, 8]);
});

test('a reader that has gone away, and a lost standard error, change nothing', () => {
  const { stdout, stderr, said, exitCodeAfter, fail } = listening();
  fail(stdout, 'EPIPE');
  fail(stderr, 'ENOSPC');
  expect([said, exitCodeAfter(0)]).toEqual([[], 0]);
});
