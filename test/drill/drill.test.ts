import { describe, expect, test } from 'vitest';
import { runDrill } from '../../src/drill/drill.ts';
import type { Fault } from '../../src/model/fault.ts';
import { fakeCluster } from './support.ts';

const killed: Fault = {
  name: 'writer-killed',
  title: 'the writer is killed',
  target: () => 'ctl01',
  act: { kind: 'script', break: 'BREAK', heal: 'HEAL' },
  lastsSeconds: 20,
  budgets: { sql: 4000 },
  secondBudgetMilliseconds: 1500,
};
const cut: Fault = { ...killed, name: 'power-cut', act: { kind: 'power-cut' } };

describe('a drill', () => {
  test('arms the healing on the host before it breaks anything, and heals in any case', async () => {
    const cluster = fakeCluster({ faults: [killed] });
    const { verdict } = await runDrill({ faults: [], repeat: 2 }, cluster.context);
    expect(verdict).toBe('PASS');
    const once = ['ctl01 arm', 'ctl01 break', 'ctl01 heal'];
    expect(cluster.done).toEqual([...once, ...once]);
  });

  test('measures the outage from the fault on', async () => {
    let brokenAt: number | undefined;
    const cluster = fakeCluster({
      faults: [killed],
      answers: (done, now) => {
        if (done.includes('ctl01 break')) brokenAt ??= now;
        return brokenAt === undefined || now - brokenAt >= 2500;
      },
    });
    const { trials } = await runDrill({ faults: [], repeat: 1 }, cluster.context);
    expect(trials[0]?.measured?.series[0]?.outageMilliseconds).toBe(2500);
    expect(trials[0]?.verdict).toBe('PASS');
  });

  test('breaks nothing in a cluster that is not healthy', async () => {
    const cluster = fakeCluster({ faults: [killed], healthy: () => false });
    const { verdict, trials } = await runDrill({ faults: [], repeat: 5 }, cluster.context);
    expect(verdict).toBe('ABORTED');
    expect(trials).toHaveLength(1);
    expect(trials[0]?.reasons[0]).toContain('a member is missing');
    expect(cluster.done).toEqual([]);
  });

  test('breaks nothing while attempts fail by themselves', async () => {
    const cluster = fakeCluster({ faults: [killed], answers: (_done, now) => now % 1000 !== 0 });
    const { verdict } = await runDrill({ faults: [], repeat: 1 }, cluster.context);
    expect(verdict).toBe('ABORTED');
    expect(cluster.done).toEqual([]);
  });

  test('breaks nothing when the healing could not be armed', async () => {
    const cluster = fakeCluster({ faults: [killed], armed: '' });
    await runDrill({ faults: [], repeat: 1 }, cluster.context);
    expect(cluster.done).not.toContain('ctl01 break');
  });

  test('heals at once when it is interrupted, and breaks nothing more', async () => {
    const cluster = fakeCluster({
      faults: [killed, cut],
      onSleep: ({ done, interrupt }) => {
        if (done.includes('ctl01 break')) interrupt();
      },
    });
    const { verdict, trials } = await runDrill({ faults: [], repeat: 1 }, cluster.context);
    expect(verdict).toBe('ABORTED');
    expect(trials).toHaveLength(1);
    expect(cluster.done).toEqual(['ctl01 arm', 'ctl01 break', 'ctl01 heal']);
  });

  test('ends when what it broke does not come back', async () => {
    const cluster = fakeCluster({ faults: [killed], healthy: (done) => !done.includes('ctl01 break') });
    const { trials } = await runDrill({ faults: [], repeat: 3 }, cluster.context);
    expect(trials.map(({ verdict }) => verdict)).toEqual(['FAIL', 'ABORTED']);
    expect(trials[0]?.reasons.join('\n')).toContain('not healthy');
  });

  test('arms the plug before it pulls it', async () => {
    const cluster = fakeCluster({ faults: [cut] });
    await runDrill({ faults: ['power-cut'], repeat: 1 }, cluster.context);
    expect(cluster.done.slice(0, 2)).toEqual(['ctl01 arm power', 'ctl01 power off']);
    expect(cluster.done).toContain('ctl01 power on');
  });

  test('refuses a power cut where nobody can cut power, and leaves it out when all faults are asked for', async () => {
    const cluster = fakeCluster({ faults: [killed, cut], hasPower: false });
    await expect(runDrill({ faults: ['power-cut'], repeat: 1 }, cluster.context)).rejects.toThrow(/power/);
    const { trials } = await runDrill({ faults: [], repeat: 1 }, cluster.context);
    expect(trials.map(({ fault }) => fault)).toEqual(['writer-killed']);
  });

  test('names the faults there are when it does not know one', async () => {
    const cluster = fakeCluster({ faults: [killed] });
    await expect(runDrill({ faults: ['rain'], repeat: 1 }, cluster.context)).rejects.toMatchObject({
      code: 'invalid-arguments',
      details: { hint: 'choose from: writer-killed' },
    });
  });
});
