import { expect, test } from 'vitest';
import { passGate } from '../../src/execute/gate.ts';
import { hostPaths } from '../../src/execute/host-paths.ts';
import { type RunContext, systemClock } from '../../src/execute/run-context.ts';
import { planWith } from '../../src/model/plan.ts';
import { scriptedFleet } from '../../src/transport/index.ts';
import { aTopology, threeHosts } from '../support/topology.ts';
import { asked } from './alpha.ts';

/** A run of a cloud without hosts: whether its gates are green is said by the tests. */
function contextWith(signals: RunContext['signals']): RunContext {
  const { connect, connectAfresh } = scriptedFleet(() => ({ exitCode: 0, stdout: '', stderr: '' }));
  const topology = aTopology({ hosts: [] });
  return {
    ...{ run: 'r1', asked, plan: planWith('lab', []), topology, wanted: topology, services: [] },
    ...{ observed: { hosts: new Map() }, desired: { hosts: new Map() }, connect, connectAfresh, signals },
    ...{ emit: () => undefined, clock: systemClock, paths: hostPaths },
  };
}

const red = {
  check: { name: 'alpha.well', service: 'alpha' },
  finding: { severity: 'red', hosts: ['ctl01'], message: 'alpha is sick' },
} as const;
const gate = { batch: 1, deadlineSeconds: 60, times: 1, closing: () => ({ causes: [], others: [red] }) };
const never = new AbortController().signal;
const soon = () => AbortSignal.timeout(50);

test('a red gate before a step is left at the first Ctrl-C: nothing was touched', async () => {
  const context = contextWith({ soft: soon(), hard: never });
  await expect(passGate({ ...gate, when: 'before' }, context)).rejects.toMatchObject({ code: 'interrupted' });
});

test('a red gate after a step is left at the second Ctrl-C, at once', async () => {
  const context = contextWith({ soft: AbortSignal.abort(), hard: soon() });
  await expect(passGate({ ...gate, when: 'after' }, context)).rejects.toMatchObject({ code: 'interrupted' });
});

test('a gate is as patient as it says, by the clock that never jumps', async () => {
  const context = contextWith({ soft: never, hard: never });
  let now = 0;
  let slept = 0;
  const clock = {
    now: () => now,
    // Somebody sets the calendar back by an hour at each look.
    wallClock: () => -3_600_000 * slept,
    async sleep(milliseconds: number) {
      slept += 1;
      now += milliseconds;
    },
  };
  await expect(passGate({ ...gate, when: 'after' }, { ...context, clock })).rejects.toMatchObject({
    code: 'degraded',
    message: expect.stringContaining('waited 60 s'),
  });
  expect(slept).toBe(61);
});

test('a service that is well only now and then does not pass a gate that wants it well twice in a row', async () => {
  const context = contextWith({ soft: never, hard: never });
  const isWell = [true, false, true, false, true, true];
  let looks = 0;
  const closing = () => ({ causes: [], others: isWell[looks++] === true ? [] : [red] });
  const clock = { ...context.clock, sleep: async () => undefined };
  await passGate({ ...gate, when: 'after', times: 2, closing }, { ...context, clock });
  expect(looks).toBe(6);
});

test('hosts that are slow to tell how they are get as long for themselves as the look took, within bounds', async () => {
  const topology = aTopology({ hosts: threeHosts().slice(0, 1) });
  const context = { ...contextWith({ soft: never, hard: never }), topology, wanted: topology };
  const pausesWhere = async (lookMilliseconds: number) => {
    let now = 0;
    const pauses: number[] = [];
    const clock = {
      now: () => now,
      // Read when a host is asked, and when it has answered.
      wallClock() {
        now += lookMilliseconds / 2;
        return now;
      },
      async sleep(milliseconds: number) {
        pauses.push(milliseconds);
        now += milliseconds;
      },
    };
    const latest = { observed: { hosts: new Map() }, at: -4000, tookMilliseconds: 10 };
    const passing = passGate({ ...gate, when: 'after' }, { ...context, clock }, latest);
    await expect(passing).rejects.toMatchObject({ code: 'degraded' });
    return pauses;
  };
  // What was seen before is old, and took no time.
  expect(new Set(await pausesWhere(300))).toEqual(new Set([1000]));
  const [afterLatest, ...others] = await pausesWhere(7000);
  expect(afterLatest).toBe(1000);
  expect(new Set(others)).toEqual(new Set([7000]));
  expect((await pausesWhere(30_000)).at(-1)).toBe(10_000);
});

test('what was seen just now counts as the first look, also where looking takes longer than that is', async () => {
  const context = contextWith({ soft: never, hard: never });
  const closing = () => ({ causes: [], others: [] });
  const clock = { ...context.clock, now: () => 0 };
  const isTaken = async (at: number, tookMilliseconds: number) => {
    const latest = { observed: { hosts: new Map() }, at, tookMilliseconds };
    return (await passGate({ ...gate, when: 'before', closing }, { ...context, clock }, latest)) === latest;
  };
  expect(await isTaken(-4900, 100)).toBe(true);
  expect(await isTaken(-5100, 100)).toBe(false);
  expect(await isTaken(-8000, 5000)).toBe(true);
  expect(await isTaken(-10_100, 5000)).toBe(false);
});
