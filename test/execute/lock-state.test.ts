import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { lockHosts } from '../../src/execute/lock.ts';
import { breakLock, lookAtLock } from '../../src/execute/lock-state.ts';
import { systemClock } from '../../src/execute/run-context.ts';
import { asked } from './alpha.ts';
import { type LocalHost, localHost } from './local-host.ts';

vi.setConfig({ testTimeout: 60_000 });

const never = new AbortController().signal;
const reaching = (host: LocalHost) => ({ connect: host.fleet.connect, paths: host.paths });
const lockFor = (host: LocalHost, run: string) =>
  lockHosts(['ctl01'], {
    ...{ run, asked, ...reaching(host), clock: systemClock, signals: { soft: never, hard: never } },
  });
const look = (host: LocalHost) => lookAtLock('ctl01', reaching(host));

const breaker = { ...asked, verb: 'lock break', run: 'first-broken', since: '2026-01-01T10:00:00.000Z' };
const breakFirst = (host: LocalHost) => breakLock('ctl01', { run: 'first', breaker }, reaching(host));

/** As if no heartbeat had come for so long. */
function silence(host: LocalHost, seconds: number): void {
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  host.write('run/mcp-lock/lock.heard', `${(uptime - seconds).toFixed(2)}\n`);
}

test('a lock tells who has it and when that was last heard of, and looking changes nothing', async () => {
  await using host = localHost();
  expect(await look(host)).toMatchObject({ state: 'free', holder: undefined, units: [] });
  expect(host.exists('run/mcp-lock')).toBe(false);
  const locks = await lockFor(host, 'first');
  silence(host, 20);
  expect(await look(host)).toMatchObject({
    ...{ host: 'ctl01', state: 'held', words: 'first', holder: { ...asked, run: 'first' } },
    silentSeconds: expect.toSatisfy((seconds: number) => seconds === 20 || seconds === 21),
  });
  await locks[Symbol.asyncDispose]();
  host.write('transient/mcp-first-3-2', '1');
  expect(await look(host)).toMatchObject({ state: 'free', units: ['mcp-first-3-2'] });
});

test('a lock is broken where its run was not heard of for a while, and that run stops should it wake up', async () => {
  await using host = localHost();
  await using locks = await lockFor(host, 'first');
  silence(host, 60);
  await breakFirst(host);
  expect(await look(host)).toMatchObject({ state: 'free' });
  await expect(locks.retake('ctl01')).rejects.toMatchObject({
    code: 'locked',
    message: expect.stringContaining('was locked meanwhile by run first-broken by tester@workstation'),
  });
  await using _other = await lockFor(host, 'second');
  // What is another's by now is left alone.
  await breakFirst(host);
  expect(await look(host)).toMatchObject({ state: 'held', words: 'second' });
});

test('a lock is not broken where its run was heard of, or a step of it lives', async () => {
  await using host = localHost();
  await using _locks = await lockFor(host, 'first');
  await expect(breakFirst(host)).rejects.toMatchObject({
    code: 'locked',
    message: expect.stringMatching(/^ctl01: the lock of run first can't be broken: it was heard \d s ago$/),
  });
  silence(host, 60);
  host.write('transient/mcp-first-3-2', '1');
  await expect(breakFirst(host)).rejects.toMatchObject({
    code: 'locked',
    message: expect.stringContaining('its step mcp-first-3-2 lives'),
  });
  expect(await look(host)).toMatchObject({ state: 'held', words: 'first' });
});

test('a lock that something else has is a stranger, whose it is not for us to say', async () => {
  await using host = localHost();
  await (await lockFor(host, 'first'))[Symbol.asyncDispose]();
  const connection = await host.fleet.connect('ctl01');
  const held = await connection.hold(`exec 7<>${host.paths.lock}; flock 7; echo mine; read -r _`);
  expect(held.kind).toBe('held');
  expect(await look(host)).toMatchObject({ state: 'stranger' });
});
