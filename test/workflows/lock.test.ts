import { expect, test } from 'vitest';
import { systemClock } from '../../src/execute/run-context.ts';
import type { ExecutionEvent } from '../../src/model/event.ts';
import { McpError } from '../../src/model/failure.ts';
import { planWith } from '../../src/model/plan.ts';
import { scriptedFleet } from '../../src/transport/index.ts';
import { askedHere } from '../../src/workflows/asked.ts';
import { breakLocks, cloudLocks } from '../../src/workflows/lock.ts';
import { whenUnlocked } from '../../src/workflows/lock-wait.ts';
import { aTopology, hostNamed } from '../support/topology.ts';

const holder = { run: 'r1', verb: 'deploy', by: 'bob', from: 'ws2', since: '2026-01-01T10:00:00.000Z' };
const held = (silence: number) => `held r1\nholder ${JSON.stringify(holder)}\nsilent ${silence}\n`;

/** A cloud of two hosts whose locks say what `replies` has for them, one look after the other; the last goes on. */
function cloudSaying(replies: Readonly<Record<string, readonly string[]>>) {
  const looks = new Map<string, number>();
  const broken: string[] = [];
  const { connect } = scriptedFleet((host, script) => {
    if (script.includes('breaker=')) {
      broken.push(host);
      return { exitCode: 0, stdout: '', stderr: '' };
    }
    const said = replies[host] ?? ['free\n'];
    const look = looks.get(host) ?? 0;
    looks.set(host, look + 1);
    const stdout = said[Math.min(look, said.length - 1)] ?? '';
    if (stdout === 'dead') throw new McpError('unreachable', `${host} does not answer`);
    return { exitCode: 0, stdout, stderr: '' };
  });
  const hosts = ['ctl01', 'ctl02'].map((name, index) =>
    hostNamed(name, { address: `10.0.0.${index + 1}`, roles: ['control'] }),
  );
  const cloud = { topology: aTopology({ hosts }), services: [], desired: { hosts: new Map() }, checks: [] };
  return { session: { connect, cloud }, broken };
}

const never = new AbortController().signal;

/** Waits; resolves with what was told, how often the work was begun, and how it ended. */
async function wait(
  replies: Parameters<typeof cloudSaying>[0],
  { seconds, soft = never, attempts = [] }: Wishes,
) {
  const events: ExecutionEvent[] = [];
  let now = 0;
  let begun = 0;
  const clock = {
    ...systemClock,
    now: () => now,
    sleep: async (milliseconds: number, signal?: AbortSignal) => {
      await systemClock.sleep(1, signal);
      now += milliseconds;
    },
  };
  const work = async (emit: (event: ExecutionEvent) => void) => {
    const attempt = attempts[begun];
    begun += 1;
    attempt?.(emit);
    return 'done';
  };
  const wishes = {
    ...{ emit: (event: ExecutionEvent) => void events.push(event), signals: { soft, hard: never } },
    ...(seconds === undefined ? {} : { lockWaitSeconds: seconds }),
  };
  const outcome = await whenUnlocked(cloudSaying(replies).session, wishes, work, clock).catch(
    (failure: unknown) => failure,
  );
  return { events, outcome, begun: () => begun, waited: () => now / 1000 };
}

interface Wishes {
  readonly seconds: number | undefined;
  readonly soft?: AbortSignal;
  readonly attempts?: readonly ((emit: (event: ExecutionEvent) => void) => void)[];
}

const refuse = () => {
  throw new McpError('locked', 'ctl01 is locked by run r2');
};

test('a lock is waited for until it is free, and who has it is told once', async () => {
  const busy = held(3);
  const { events, outcome, waited } = await wait({ ctl02: [busy, busy, busy, 'free\n'] }, { seconds: 900 });
  expect(outcome).toBe('done');
  expect(events).toEqual([
    {
      type: 'lock-waiting',
      host: 'ctl02',
      reason: 'locked by run r1 by bob@ws2 since 2026-01-01T10:00:00.000Z (deploy)',
    },
  ]);
  expect(waited()).toBe(9);
});

test('who waits for a step that outlived its run is told so', async () => {
  const { events } = await wait({ ctl01: ['free\nunit mcp-r1-3-2\n', 'free\n'] }, { seconds: 60 });
  expect(events).toMatchObject([{ reason: 'still busy with mcp-r1-3-2, a step of an earlier run' }]);
});

test('a lock is waited for as long as was said, and not without being told to', async () => {
  const { outcome, begun, waited } = await wait({ ctl01: [held(3)] }, { seconds: 10 });
  expect(outcome).toMatchObject({ code: 'locked', message: expect.stringContaining('waited 10 s') });
  expect([begun(), waited()]).toEqual([0, 10]);
  const { outcome: refused, events } = await wait(
    { ctl01: [held(3)] },
    { seconds: undefined, attempts: [refuse] },
  );
  expect([refused, events]).toMatchObject([{ code: 'locked' }, []]);
});

test('Ctrl-C ends the waiting at once', async () => {
  const { outcome, begun } = await wait(
    { ctl01: [held(3)] },
    { seconds: 900, soft: AbortSignal.timeout(20) },
  );
  expect([outcome, begun()]).toMatchObject([{ code: 'interrupted' }, 0]);
});

test('where another run was quicker it is planned anew, but never once anything has begun', async () => {
  const again = await wait({}, { seconds: 900, attempts: [refuse] });
  expect([again.outcome, again.begun()]).toEqual(['done', 2]);
  const midway = await wait(
    {},
    {
      seconds: 900,
      attempts: [
        (emit) => {
          emit({ type: 'rollout-started', run: 'r2', plan: planWith('lab', []) });
          refuse();
        },
      ],
    },
  );
  expect([midway.outcome, midway.begun()]).toMatchObject([{ code: 'locked' }, 1]);
});

test('a host that does not answer is shown as unknown, and breaks no lock of others', async () => {
  const { session, broken } = cloudSaying({ ctl01: ['dead'], ctl02: [held(60)] });
  expect(await cloudLocks(session)).toMatchObject([
    { host: 'ctl01', state: 'unknown' },
    { host: 'ctl02', state: 'held', holder, silentSeconds: 60 },
  ]);
  await expect(breakLocks(session, { confirm: async () => true })).rejects.toMatchObject({
    code: 'unreachable',
  });
  expect(broken).toEqual([]);
});

test('locks of a run that is gone are broken once that is confirmed', async () => {
  const { session, broken } = cloudSaying({ ctl01: [held(60)] });
  await expect(breakLocks(session, { confirm: async () => false })).rejects.toMatchObject({
    code: 'not-confirmed',
  });
  expect(broken).toEqual([]);
  expect(await breakLocks(session, { confirm: async () => true })).toMatchObject([{ host: 'ctl01' }]);
  expect(broken).toEqual(['ctl01']);
});

test.each([
  ['its run was heard of', { ctl01: [held(3)] }, 'ctl01: run r1 was heard 3 s ago'],
  [
    'a step of it lives on another host',
    { ctl01: [held(60)], ctl02: ['free\nunit mcp-r1-4-1\n'] },
    'ctl02: its step mcp-r1-4-1 lives',
  ],
  [
    'it is that of an earlier version',
    { ctl01: ['earlier-version run r0 by al\n'] },
    'ctl01 is locked by run r0 by al',
  ],
  ["it is nobody's", { ctl01: ['stranger\n'] }, 'ctl01 is locked by something that is no run of mcp'],
])('no lock is broken where %s, and what lives is said', async (_why, replies, words) => {
  const { session, broken } = cloudSaying(replies);
  await expect(breakLocks(session, { confirm: async () => true })).rejects.toMatchObject({
    code: 'locked',
    message: `a lock is only broken when its run is gone:\n${words}`,
  });
  expect(broken).toEqual([]);
});

test('a CI job is named by its page', () => {
  const gitlab = {
    CI_JOB_URL: 'https://gitlab.example/jobs/7',
    CI_PIPELINE_URL: 'https://gitlab.example/p/1',
  };
  const github = {
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'us/cloud',
    GITHUB_RUN_ID: '77',
  };
  expect(askedHere('deploy', gitlab).job).toBe('https://gitlab.example/jobs/7');
  expect(askedHere('deploy', { CI_PIPELINE_URL: 'https://gitlab.example/p/1' }).job).toBe(
    'https://gitlab.example/p/1',
  );
  expect(askedHere('deploy', github).job).toBe('https://github.com/us/cloud/actions/runs/77');
  expect(askedHere('deploy', {})).not.toHaveProperty('job');
});
