import { expect, test } from 'vitest';
import { McpError } from '../../src/model/failure.ts';
import { keptConnections } from '../../src/transport/fleet.ts';
import { localFleet } from '../../src/transport/index.ts';

const fleetHere = () => localFleet({ environment: { PATH: process.env['PATH'] ?? '' } });

test('commands of a script can not eat the rest of it', async () => {
  await using fleet = fleetHere();
  const connection = await fleet.connect('here');
  const result = await connection.run('cat >/dev/null\nhead -c 5\necho still here');
  expect(result).toEqual({ exitCode: 0, stdout: 'still here\n', stderr: '' });
});

test('a script finds its input on stdin, every byte of it', async () => {
  await using fleet = fleetHere();
  const connection = await fleet.connect('here');
  const input = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
  const { stdout } = await connection.run('sha256sum', { input });
  const { createHash } = await import('node:crypto');
  expect(stdout.slice(0, 64)).toBe(createHash('sha256').update(input).digest('hex'));
});

test('a script that fails is a result, with its words', async () => {
  await using fleet = fleetHere();
  const connection = await fleet.connect('here');
  expect(await connection.run('echo no >&2; exit 3')).toEqual({ exitCode: 3, stdout: '', stderr: 'no\n' });
  expect((await connection.run('cat; exit 4', { input: 'x' })).exitCode).toBe(4);
});

test('a script that takes too long is ended on its host', async () => {
  await using fleet = fleetHere();
  const connection = await fleet.connect('here');
  expect((await connection.run('sleep 20', { timeoutSeconds: 1 })).exitCode).toBe(124);
});

test('an interrupted script is told as interrupted', async () => {
  await using fleet = fleetHere();
  const connection = await fleet.connect('here');
  const running = connection.run('sleep 20', { signal: AbortSignal.timeout(50) });
  await expect(running).rejects.toMatchObject({ code: 'interrupted' });
});

test('a lost connection leaves the outcome unknown, and the next use opens another', async () => {
  await using fleet = fleetHere();
  const connection = await fleet.connect('here');
  const running = connection.run('sleep 1');
  setTimeout(() => fleet.cut('here'), 50);
  await expect(running).rejects.toMatchObject({ code: 'connection-lost' });
  const another = await fleet.connect('here');
  expect(another).not.toBe(connection);
  expect((await another.run('echo "$HOST"')).stdout).toBe('here\n');
});

test('a held script lives until it is released, and its end is noticed', async () => {
  await using fleet = fleetHere();
  const connection = await fleet.connect('here');
  const held = await connection.hold('echo mine; while read -r _; do :; done');
  if (held.kind !== 'held') throw new Error('it ended');
  expect([held.firstLine, held.lost.aborted]).toEqual(['mine', false]);
  await held[Symbol.asyncDispose]();
  expect(held.lost.aborted).toBe(true);
});

test('a script that ends before its first line can not be held', async () => {
  await using fleet = fleetHere();
  const connection = await fleet.connect('here');
  const held = await connection.hold('echo busy >&2; exit 75');
  expect(held).toMatchObject({ kind: 'ended', result: { exitCode: 75, stderr: 'busy\n' } });
});

test('what was begun ahead is told to whoever first connects, and only once', async () => {
  let attempts = 0;
  await using fleet = keptConnections(async () => {
    attempts += 1;
    throw new McpError('unreachable', `attempt ${attempts}`);
  });
  fleet.connectAhead(['here']);
  await expect(fleet.connect('here')).rejects.toThrow('attempt 1');
  await expect(fleet.connect('here')).rejects.toThrow('attempt 2');
});
