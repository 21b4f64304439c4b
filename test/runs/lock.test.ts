import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { lockHosts } from '../../src/execute/lock.ts';
import { systemClock } from '../../src/execute/run-context.ts';
import type { ExecutionEvent } from '../../src/model/event.ts';
import { asked, deploy } from '../execute/alpha.ts';
import { type LocalHost, localHost } from '../execute/local-host.ts';

const never = new AbortController().signal;
interface Wishes {
  readonly job?: string;
  readonly hosts?: readonly string[];
}

const lockFor = (host: LocalHost, run: string, { hosts = ['ctl01'], ...more }: Wishes = {}) =>
  lockHosts(hosts, {
    ...{
      run,
      asked: { ...asked, ...more },
      connect: host.fleet.connect,
      paths: host.paths,
      clock: systemClock,
    },
    signals: { soft: never, hard: never },
  });

const begun: (() => void)[] = [];
afterEach(() => {
  for (const end of begun.splice(0)) end();
});

/** Runs a program of somebody else's that holds a lock, once it says that it does. */
async function holding(argv: readonly [string, ...string[]]): Promise<void> {
  const child = spawn(argv[0], argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  begun.push(() => process.kill(-(child.pid ?? 0)));
  await once(child.stdout, 'data');
}

/** What two minutes without a heartbeat come to: the shell that holds the lock has ended. */
function forgetTheController(host: LocalHost): void {
  const [, pid] = host.read('run/mcp-lock/lock').split(/\s/);
  process.kill(Number(pid));
  execFileSync('flock', ['-w', '5', join(host.root, 'run/mcp-lock/lock'), 'true']);
}

/** Whatever the host says from now on is that another run was there; `ends`: and has gone again. */
function letAnotherRunIn(host: LocalHost, { ends }: { readonly ends: boolean }): void {
  const record = { ...asked, by: 'bob', run: 'another', since: '2026-01-01T10:00:00.000Z' };
  host.write('run/mcp-lock/lock', `another 1\n${JSON.stringify(record)}\n`);
  if (ends) return;
  const lock = join(host.root, 'run/mcp-lock/lock');
  const child = spawn('flock', [lock, 'sleep', '60'], { stdio: 'ignore', detached: true });
  begun.push(() => process.kill(-(child.pid ?? 0)));
  execFileSync('sh', ['-c', 'while flock -n -s "$0" true; do sleep 0.05; done', lock]);
}

const when =
  (title: string, act: () => void) =>
  (event: ExecutionEvent): void => {
    if (event.type === 'step-finished' && event.title === title) act();
  };

test('a run that was not heard for two minutes stops before it acts where another has the lock, and says who', async () => {
  await using host = localHost();
  const { failure } = await deploy(
    host,
    { value: '1' },
    {
      onEvent: when('prepare alpha', () => {
        forgetTheController(host);
        letAnotherRunIn(host, { ends: false });
      }),
    },
  );
  expect(failure).toMatchObject({
    code: 'locked',
    message: 'ctl01 is locked by run another by bob@workstation since 2026-01-01T10:00:00.000Z (deploy)',
  });
  expect(host.acts()).toEqual([]);
});

test('a run that was not heard for two minutes stops before it acts where another was there meanwhile', async () => {
  await using host = localHost();
  const { failure, events } = await deploy(
    host,
    { value: '1' },
    {
      onEvent: when('prepare alpha', () => {
        forgetTheController(host);
        letAnotherRunIn(host, { ends: true });
      }),
    },
  );
  expect(failure).toMatchObject({
    code: 'locked',
    message: expect.stringMatching(/^ctl01 was locked meanwhile by run another by bob@workstation/),
  });
  expect(events.at(-1)?.type).toBe('rollout-halted');
  expect(host.acts()).toEqual([]);
});

test('a run that was not heard for two minutes goes on where nobody else was there, with its lock taken again', async () => {
  await using host = localHost();
  const { failure } = await deploy(
    host,
    { value: '1' },
    { onEvent: when('prepare alpha', () => forgetTheController(host)) },
  );
  expect(failure).toBeUndefined();
  expect(host.acts()).toEqual(['start alpha.service']);
});

test("a run takes its lock from its own shell that has not noticed that the connection is cut, and from no other's", async () => {
  await using host = localHost();
  await using _cutOff = await lockFor(host, 'first');
  await expect(lockFor(host, 'second')).rejects.toMatchObject({ code: 'locked' });
  await using again = await lockFor(host, 'first');
  await again.retake('ctl01');
  await expect(lockFor(host, 'second')).rejects.toMatchObject({ code: 'locked' });
});

test('a host that was not locked with the others is locked when it is acted on, whoever was there before', async () => {
  await using host = localHost();
  await (await lockFor(host, 'earlier'))[Symbol.asyncDispose]();
  await using locks = await lockFor(host, 'first', { hosts: [] });
  await locks.retake('ctl01');
  await expect(lockFor(host, 'second')).rejects.toMatchObject({ code: 'locked' });
});

test('locks that are lost are taken again, and the rest is left as it is', async () => {
  await using host = localHost();
  await using locks = await lockFor(host, 'first');
  const before = host.read('run/mcp-lock/lock');
  await locks.renew();
  expect(host.read('run/mcp-lock/lock')).toBe(before);
  forgetTheController(host);
  // Until its connection has told that the shell is gone.
  await vi.waitFor(async () => {
    await locks.renew();
    expect(host.read('run/mcp-lock/lock')).not.toBe(before);
  });
  await expect(lockFor(host, 'second')).rejects.toMatchObject({ code: 'locked' });
});

test('whoever finds a host locked is told which job of which pipeline has it', async () => {
  await using host = localHost();
  await using _locks = await lockFor(host, 'first', { job: 'https://gitlab.example/jobs/7' });
  await expect(lockFor(host, 'second')).rejects.toMatchObject({
    message: expect.stringMatching(
      /^ctl01 is locked by run first by tester@workstation since 20\S+ \(deploy, https:\/\/gitlab.example\/jobs\/7\)$/,
    ),
  });
});

test('a step that outlived its run is told from a lock that is held, and leaves the record as it was', async () => {
  await using host = localHost();
  await (await lockFor(host, 'first'))[Symbol.asyncDispose]();
  const before = host.read('run/mcp-lock/lock');
  host.write('transient/mcp-20260101T000000Z-first-3-2', '1');
  await expect(lockFor(host, 'second')).rejects.toMatchObject({
    code: 'locked',
    message: 'ctl01 is still busy with mcp-20260101T000000Z-first-3-2, a step of an earlier run',
    details: { hint: expect.stringContaining('takes up what is left') },
  });
  expect(host.read('run/mcp-lock/lock')).toBe(before);
  // Its own steps are no reason.
  await (await lockFor(host, '20260101T000000Z-first'))[Symbol.asyncDispose]();
});

test('only root can reach the lock, and what other users lock keeps nobody out', async () => {
  await using host = localHost();
  host.write('run/mcp.lock', '');
  await holding(['flock', host.paths.formerLock, 'sh', '-c', 'echo held; sleep 60']);
  await using _locks = await lockFor(host, 'first');
  expect(statSync(join(host.root, 'run/mcp-lock')).mode & 0o777).toBe(0o700);
  expect(statSync(join(host.root, 'run/mcp.lock')).mode & 0o777).toBe(0o600);
});

test('a run of an earlier version and one of this version exclude each other', async () => {
  await using host = localHost();
  const earlier = `exec 9<>"$0"; flock -n 9 || exit 75; echo "run early by alice" >"$0"; echo held; read -r _`;
  const locks = await lockFor(host, 'first');
  const refused = spawn('sh', ['-c', earlier, host.paths.formerLock], { stdio: 'ignore' });
  expect(await once(refused, 'exit')).toEqual([75, null]);
  await locks[Symbol.asyncDispose]();
  await holding(['sh', '-c', earlier, host.paths.formerLock]);
  await expect(lockFor(host, 'second')).rejects.toMatchObject({
    code: 'locked',
    message: 'ctl01 is locked by run early by alice',
  });
});
