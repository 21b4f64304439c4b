import { describe, expect, test } from 'vitest';
import { runDrill } from '../../src/drill/drill.ts';
import { vipSeries } from '../../src/drill/probes/vip.ts';
import { summariseSeries } from '../../src/drill/summary.ts';
import { type Act, type Fault, type Strike, strikeOn } from '../../src/model/fault.ts';
import { fakeCluster } from './support.ts';

const script: Act = { kind: 'script', break: 'BREAK', heal: 'HEAL' };
const killed: Fault = {
  name: 'writer-killed',
  title: 'the writer is killed',
  kind: 'script',
  strike: () => strikeOn('ctl01', script),
  lastsSeconds: 20,
  budgets: { sql: 4000 },
  secondBudgetMilliseconds: 1500,
};
const cut: Fault = {
  ...killed,
  name: 'power-cut',
  kind: 'power-cut',
  strike: () => strikeOn('ctl01', { kind: 'power-cut' }),
};

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
    const cluster = fakeCluster({ faults: [killed], armed: () => '' });
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
    expect(cluster.done.slice(0, 2)).toEqual(['ctl01 arm power after cut', 'ctl01 power off']);
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

describe('a fault of several hosts', () => {
  const blowsOn = (act: Act, falls: Strike['falls']): Strike => ({
    falls,
    blows: ['ctl01', 'ctl02', 'ctl03'].map((host) => ({ host, act })),
  });
  const several = (kind: Fault['kind'], strike: Strike): Fault => ({ ...killed, kind, strike: () => strike });
  const inTurn = several('script', blowsOn(script, 'in-turn'));
  const allCut = several('power-cut', blowsOn({ kind: 'power-cut' }, 'at-once'));
  const shutDown: Fault = {
    ...several('shutdown', blowsOn({ kind: 'shutdown', heal: 'HEAL' }, 'in-turn')),
    lastsSeconds: 60,
  };
  const drill = (cluster: ReturnType<typeof fakeCluster>) =>
    runDrill({ faults: ['writer-killed'], repeat: 1 }, cluster.context);
  const each = (act: string) => ['ctl01', 'ctl02', 'ctl03'].map((host) => `${host} ${act}`);

  test('is armed on all of them before the first blow, which fall in their order', async () => {
    const cluster = fakeCluster({ faults: [inTurn] });
    const { verdict, trials } = await drill(cluster);
    expect(verdict).toBe('PASS');
    expect(cluster.done).toEqual([...each('arm'), ...each('break'), ...each('heal')]);
    expect(trials[0]?.targets).toEqual(['ctl01', 'ctl02', 'ctl03']);
    expect(cluster.events.find(({ type }) => type === 'fault-injected')).toMatchObject({
      hosts: ['ctl01', 'ctl02', 'ctl03'],
    });
  });

  test('breaks nothing and is disarmed where it was armed, when one host could not be', async () => {
    const armed = (host: string) => (host === 'ctl02' ? '' : 'armed\n');
    const cluster = fakeCluster({ faults: [inTurn], armed });
    const { verdict } = await drill(cluster);
    expect(verdict).toBe('ABORTED');
    expect(cluster.done).toEqual([...each('arm'), 'ctl01 heal', 'ctl03 heal']);
  });

  test('pulls all plugs with one hand', async () => {
    const cluster = fakeCluster({ faults: [allCut] });
    await drill(cluster);
    expect(cluster.done.slice(0, 2)).toEqual([
      'ctl01+ctl02+ctl03 arm power after cut',
      'ctl01+ctl02+ctl03 power off',
    ]);
  });

  test('shuts the next host down when the one before it is off', async () => {
    const cluster = fakeCluster({ faults: [shutDown] });
    await drill(cluster);
    const order = cluster.done.filter((act) => / (arm power|shut down|is off)/.test(act));
    expect(order).toEqual([
      'ctl01+ctl02+ctl03 arm power after shutdown',
      ...['ctl01', 'ctl02', 'ctl03'].flatMap((host) => [`${host} shut down`, `${host} is off`]),
    ]);
  });

  test('hits nobody any more when healing is due, and heals those it hit', async () => {
    const cluster = fakeCluster({
      faults: [shutDown],
      goesDownWithin: 40_000,
      systemState: (host) => (host === 'ctl02' ? 'stopping\n' : 'running\n'),
    });
    const { verdict, trials } = await drill(cluster);
    expect(verdict).toBe('ABORTED');
    expect(trials[0]?.reasons[0]).toContain('ctl02: it does not switch itself off');
    expect(cluster.done).not.toContain('ctl03 shut down');
    // Switched on while it still went down, ctl02 would have stayed off.
    expect(cluster.done.indexOf('ctl02 is off')).toBeLessThan(
      cluster.done.indexOf('ctl01+ctl02+ctl03 power on'),
    );
  });

  test('between two hosts an interruption ends it, and all are healed', async () => {
    const cluster = fakeCluster({
      faults: [shutDown],
      onSleep: ({ done, interrupt }) => {
        if (done.includes('ctl01 shut down')) interrupt();
      },
    });
    await drill(cluster);
    expect(cluster.done).not.toContain('ctl02 shut down');
    expect(cluster.done).toContain('ctl01+ctl02+ctl03 power on');
    expect(cluster.done.filter((act) => act.endsWith(' heal'))).toHaveLength(3);
  });

  test('that nobody should get unasked is done only when named', async () => {
    const cluster = fakeCluster({ faults: [killed, { ...allCut, name: 'all-cut', onlyByName: true }] });
    const { trials } = await runDrill({ faults: [], repeat: 1 }, cluster.context);
    expect(trials.map(({ fault }) => fault)).toEqual(['writer-killed']);
    const named = await runDrill({ faults: ['all-cut'], repeat: 1 }, cluster.context);
    expect(named.trials.map(({ fault }) => fault)).toEqual(['all-cut']);
  });

  test('a VIP can have a budget of its own', () => {
    const budgets = { budgets: { vip: 3000 }, vipBudgets: { public: 60_000 }, secondBudgetMilliseconds: 0 };
    const allowed = (vip: string) => summariseSeries(vipSeries(vip), [], budgets).budgetMilliseconds;
    expect([allowed('public'), allowed('database')]).toEqual([60_000, 3000]);
  });
});
