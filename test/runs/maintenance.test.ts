import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { enterMaintenance, leaveMaintenance, rollOut } from '../../src/execute/index.ts';
import type { ExecutionEvent } from '../../src/model/event.ts';
import { McpError } from '../../src/model/failure.ts';
import { memberStill } from '../../src/model/membership.ts';
import { membershipIn } from '../../src/model/observed.ts';
import { planChanges, planEntering, planReturn } from '../../src/plan/index.ts';
import { alphaOn, asked, observe } from '../execute/alpha.ts';
import { type LocalHost, localHost } from '../execute/local-host.ts';

vi.setConfig({ testTimeout: 300_000 });

const wanted = { value: '1' };
const maintenance = { since: '2026-01-01T10:00:00.000Z', by: 'root@deployer', reason: 'new disks' };
const never = new AbortController().signal;

/** Minutes go by in seconds, so that a gate that stays red gives up. */
const began = performance.now();
const clock = {
  now: () => (performance.now() - began) * 500,
  wallClock: Date.now,
  sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 20)),
};

let runs = 0;

/** What the three verbs share: a look, and the way in. */
async function means(host: LocalHost, onEvent: (event: ExecutionEvent, index: number) => void) {
  const { topology, desired, services } = alphaOn(host, wanted);
  const observed = await observe(host, desired);
  const { connect, connectAfresh } = host.fleet;
  const run = `20260101T000000Z-${String(++runs).padStart(6, '0')}`;
  let events = 0;
  return {
    ...{ topology, desired, services, observed, connect, connectAfresh, run, asked, clock },
    runDirectory: join(host.root, 'controller', run),
    paths: host.paths,
    signals: { soft: never, hard: never },
    emit: (event: ExecutionEvent) => onEvent(event, ++events),
  };
}

type Watching = (event: ExecutionEvent, index: number) => void;

async function deploy(host: LocalHost) {
  const request = await means(host, () => undefined);
  const { topology, observed } = request;
  const membership = { recorded: membershipIn(observed, 'lab'), all: topology };
  const plan = planChanges({ ...request, membership, overwriteDrift: false });
  if (plan.batches.length > 0) await rollOut({ ...request, plan });
  return plan;
}

async function enter(host: LocalHost, onEvent: Watching = () => undefined): Promise<void> {
  const request = await means(host, onEvent);
  const recorded = membershipIn(request.observed, 'lab');
  const plan = planEntering({ ...request, recorded, host: 'ctl01' }, maintenance);
  expect(plan.refusals).toEqual([]);
  await enterMaintenance({ ...request, plan }, 'ctl01');
}

async function leave(host: LocalHost, onEvent: Watching = () => undefined) {
  const request = await means(host, onEvent);
  const recorded = membershipIn(request.observed, 'lab');
  const plan = planReturn({ ...request, recorded, host: 'ctl01' });
  if (plan.batches.length > 0) await leaveMaintenance({ ...request, plan }, 'ctl01');
  return plan;
}

const recordOn = (host: LocalHost) => JSON.parse(host.read('state/members'));

test.concurrent('a host hands over, is marked, and says so; it comes back the other way round', async () => {
  await using host = localHost();
  await deploy(host);
  await enter(host);
  expect(host.acts()).toEqual(['start alpha.service', 'leave', 'mark']);
  expect(recordOn(host).members[0].maintenance).toEqual(maintenance);
  // What a deploy would find: nothing to do there, and no reason to refuse.
  const plan = await deploy(host);
  expect(plan).toMatchObject({
    batches: [],
    refusals: [],
    missing: [{ host: 'ctl01', kind: 'maintenance' }],
  });
  await leave(host);
  expect(host.acts().slice(3)).toEqual(['unmark', 'join']);
  expect(recordOn(host).members[0]).not.toHaveProperty('maintenance');
  expect((await leave(host)).batches).toEqual([]);
  expect((await deploy(host)).batches).toEqual([]);
});

test.concurrent('while others still need it, it is not said to be out; and it stays left alone', async () => {
  await using host = localHost();
  await deploy(host);
  host.write('etc/alpha.conf', 'busy\n');
  await expect(enter(host)).rejects.toMatchObject({
    code: 'degraded',
    message: expect.stringContaining('ctl01: still works for others'),
  });
  expect((await deploy(host)).batches).toEqual([]);
});

test.concurrent('wherever either of them dies, the same command completes it', async () => {
  await using host = localHost();
  await deploy(host);
  let events = 0;
  await enter(host, () => {
    events += 1;
  });
  await leave(host);
  for (let dieAt = 2; dieAt <= events; dieAt += 5) {
    await cutOff(dieAt, (watching) => enter(host, watching));
    await enter(host);
    expect(host.exists('mark')).toBe(true);
    expect(host.exists('state/units/left-alpha')).toBe(true);
    expect(recordOn(host).members[0].maintenance).toEqual(maintenance);
    await cutOff(dieAt, (watching) => leave(host, watching));
    await leave(host);
    expect(host.exists('mark')).toBe(false);
    expect(host.exists('state/units/left-alpha')).toBe(false);
    expect(recordOn(host).members[0]).not.toHaveProperty('maintenance');
    expect(host.acts().at(-1)).toBe('join');
  }
});

test.concurrent('a return that is cut off is completed by a deploy, too', async () => {
  await using host = localHost();
  await deploy(host);
  await enter(host);
  await cutOff(1, (watching) =>
    leave(host, (event, index) => {
      if (event.type === 'batch-finished') watching(event, index);
    }),
  );
  expect(recordOn(host).members[0]).not.toHaveProperty('maintenance');
  expect(host.acts().at(-1)).toBe('unmark');
  await deploy(host);
  expect(host.acts().at(-1)).toBe('join');
  expect(host.exists('state/units/left-alpha')).toBe(false);
});

/** The controller loses power at an event. */
async function cutOff(at: number, act: (watching: Watching) => Promise<unknown>): Promise<void> {
  let seen = 0;
  const died = act(() => {
    seen += 1;
    if (seen === at) throw new Error('power cut of the controller');
  });
  await died.catch((failure: unknown) => {
    if (failure instanceof McpError) throw failure;
  });
}

test('the record of a member keeps who asked and why, letter for letter', async () => {
  await using host = localHost();
  await deploy(host);
  await enter(host);
  const { topology, desired } = alphaOn(host, wanted);
  const recorded = membershipIn(await observe(host, desired), 'lab');
  expect(topology.hosts.map((each) => memberStill(each, recorded))).toEqual(recorded?.members);
  expect(recorded?.members[0]?.maintenance).toEqual(maintenance);
});
