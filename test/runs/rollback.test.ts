import { createHash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { runsOn } from '../../src/execute/index.ts';
import { reachable } from '../../src/model/observed.ts';
import { endOf, runsIn } from '../../src/model/run.ts';
import { planChanges } from '../../src/plan/index.ts';
import { alphaOn, asked, deploy, observe, rollBack, type Wanted } from '../execute/alpha.ts';
import { type LocalHost, localHost } from '../execute/local-host.ts';

// Real shells on a machine that may be busy; where one waits, another goes on.
vi.setConfig({ testTimeout: 300_000 });

const runsOf = async (host: LocalHost) =>
  runsIn(await runsOn('ctl01', { connect: host.fleet.connect, paths: host.paths }));

const planOf = async (host: LocalHost, wanted: Wanted) => {
  const { topology, services, desired } = alphaOn(host, wanted);
  const observed = await observe(host, desired);
  return planChanges({ topology, services, desired, observed, overwriteDrift: false });
};

const lastRunsOf = async (host: LocalHost) =>
  reachable(await observe(host, alphaOn(host, { value: '1' }).desired), 'ctl01')?.lastRuns;

const restarts = (host: LocalHost) => host.acts().filter((act) => act === 'restart alpha.service').length;

test.concurrent('a run is taken back: its files are as before, its unit is restarted once, and the difference is what the next plan shows', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  const wanted = { value: '2', extra: 'more' };
  await deploy(host, wanted, { run: 'second' });
  const { obstacles, outcome } = await rollBack(host, wanted, { run: 'second' });
  expect([obstacles, outcome?.failure]).toEqual([[], undefined]);
  expect([host.read('etc/alpha.conf'), host.exists('etc/extra.conf')]).toEqual(['# \nvalue 1\n', false]);
  expect(restarts(host)).toBe(2);
  // Once more there is nothing to do, and neither is there for whoever deploys what was there then.
  expect((await rollBack(host, wanted, { run: 'second' })).outcome?.plan.batches).toEqual([]);
  expect((await deploy(host, { value: '1' })).plan.batches).toEqual([]);
  expect((await planOf(host, wanted)).changes).toMatchObject([
    { action: 'update', edited: false },
    { action: 'create', edited: false },
  ]);
  // It is a run like any other, which is taken back by its name.
  const rollback = (await runsOf(host)).at(-1)?.run ?? '';
  expect((await rollBack(host, wanted, { run: rollback })).outcome?.failure).toBeUndefined();
  expect([host.read('etc/alpha.conf'), host.read('etc/extra.conf')]).toEqual(['# \nvalue 2\n', 'more']);
  expect((await planOf(host, wanted)).batches).toEqual([]);
});

test.concurrent('later runs are taken back with it, and what they have created goes before the unit is restarted', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  await deploy(host, { value: '2' }, { run: 'second' });
  await deploy(host, { value: '3', extra: 'more' });
  const wanted = { value: '3', extra: 'more' };
  const { outcome } = await rollBack(host, wanted, { run: 'second' });
  expect(outcome?.failure).toBeUndefined();
  expect([host.read('etc/alpha.conf'), host.exists('etc/extra.conf')]).toEqual(['# \nvalue 1\n', false]);
  expect(outcome?.plan.batches[0]?.hosts[0]?.steps.map(({ kind }) => kind)).toEqual([
    'swap-files',
    'remove-files',
    'task',
    'unit',
  ]);
  expect(restarts(host)).toBe(3);
  expect((await planOf(host, { value: '1' })).batches).toEqual([]);
});

test.concurrent('what waits for its first deploy, or was halted half way, is not carried on by an undoing', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  await deploy(host, { value: '2' }, { run: 'second' });
  // The inventory has gone on since.
  const { outcome } = await rollBack(host, { value: '9', extra: 'new' }, { run: 'second' });
  expect(outcome?.failure).toBeUndefined();
  expect([host.read('etc/alpha.conf'), host.exists('etc/extra.conf')]).toEqual(['# \nvalue 1\n', false]);
});

test.concurrent('killed wherever, the same command completes it, and keeps what it needs for that', async () => {
  await using host = localHost();
  await deploy(host, { value: '0' });
  await deploy(host, { value: '1' }, { run: 'run-1' });
  const { number = 0 } = (await runsOf(host)).at(-1) ?? {};
  // As many runs since as are kept, but one.
  for (const later of [1, 2, 3, 4]) {
    cpSync(join(host.root, 'state/runs/run-1'), join(host.root, `state/runs/later-${later}`), {
      recursive: true,
      filter: (path) => !/\/(stage|before|steps)$/.test(path),
    });
    host.write(`state/runs/later-${later}/number`, `${number + later}\n`);
  }
  for (const dieAt of [5, 9]) {
    const wishes = {
      run: 'run-1',
      onEvent(_event: unknown, index: number) {
        if (index === dieAt) throw new Error('power cut of the controller');
      },
    };
    await expect(rollBack(host, { value: '1' }, wishes)).rejects.toThrow('power cut');
  }
  await rollBack(host, { value: '1' }, { run: 'run-1' });
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 0\n');
  expect(restarts(host)).toBe(2);
  expect((await planOf(host, { value: '0' })).batches).toEqual([]);
});

test.concurrent('a guarded change by which a run is taken back is undone where the cloud is not well with it', async () => {
  await using host = localHost();
  await deploy(host, { value: 'well', guarded: true });
  host.write('etc/alpha.conf', '# \nvalue sick\n');
  // As a run has left it, whatever else there was.
  const sick = createHash('sha256').update('# \nvalue sick\n').digest('hex');
  host.write('state/files', host.read('state/files').replaceAll(/^\w{64}/gm, sick));
  const wanted = { value: '2', extra: 'more', guarded: true };
  await deploy(host, wanted, { run: 'second' });
  const { outcome } = await rollBack(host, wanted, { run: 'second' });
  expect(outcome?.failure?.code).toBe('rolled-back');
  expect([host.read('etc/alpha.conf'), host.read('etc/extra.conf')]).toEqual(['# \nvalue 2\n', 'more']);
  expect((await runsOf(host)).map(endOf).at(-1)).toBe('undone');
  // What came back is known as ours: it goes for good when nobody describes it any more.
  expect(host.read('state/originals.known')).toContain('/etc/extra.conf');
  expect((await planOf(host, wanted)).changes).toEqual([]);
});

test.concurrent('what others have edited since is refused as in a deploy, also where it would be removed', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  const wanted = { value: '2', extra: 'more' };
  await deploy(host, wanted, { run: 'second' });
  host.write('etc/extra.conf', 'mine');
  const { refusals } = await rollBack(host, wanted, { run: 'second', soft: AbortSignal.abort() });
  expect(refusals).toMatchObject([{ kind: 'drift', message: expect.stringContaining('/etc/extra.conf') }]);
  host.write('etc/alpha.conf', 'mine');
  const { outcome } = await rollBack(host, wanted, { run: 'second', soft: AbortSignal.abort() });
  expect(outcome?.plan.refusals).toMatchObject([
    { kind: 'drift', message: expect.stringContaining('/etc/alpha.conf') },
  ]);
});

test.concurrent('there is no way back behind the first deploy of a host', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' }, { run: 'first' });
  expect((await rollBack(host, { value: '1' }, { run: 'first' })).obstacles).toEqual(
    expect.arrayContaining(['first was the first on ctl01: there is nothing to go back to']),
  );
});

test.concurrent('a checker that refuses what a run has replaced stops its undoing before anything is written', async () => {
  await using host = localHost();
  await deploy(host, { value: '1' });
  await deploy(host, { value: '2' }, { run: 'second' });
  host.write(`state/runs/second/before${host.root}/etc/alpha.conf`, '# \nvalue bad\n');
  const { outcome } = await rollBack(host, { value: '2' }, { run: 'second' });
  expect(outcome?.failure?.code).toBe('checker-refused');
  expect(host.read('etc/alpha.conf')).toBe('# \nvalue 2\n');
});

test.concurrent('a host tells of each run who asked, which steps it took and what it did to which file', async () => {
  await using host = localHost();
  expect(await lastRunsOf(host)).toBeUndefined();
  await deploy(host, { value: '1' }, { run: 'first' });
  // It comes with every look at the host.
  expect(await lastRunsOf(host)).toMatchObject({
    number: 1,
    deployed: { number: 1, account: { run: 'first', commit: asked.commit } },
  });
  await deploy(host, { value: '2', extra: 'more' }, { run: 'second' });
  await rollBack(host, { value: '2', extra: 'more' }, { run: 'second' });
  // What is in force now is the commit before.
  expect(await lastRunsOf(host)).toMatchObject({
    number: 3,
    deployed: { number: 3, account: { verb: 'rollback', commit: asked.commit } },
  });
  const [first, second, third] = await runsOf(host);
  const paths = (run: typeof first) =>
    run?.hosts[0]?.files.map(({ path, change }) => `${change} ${path.slice(host.root.length)}`);
  expect(first).toMatchObject({
    ...{
      run: 'first',
      number: 1,
      account: { ...asked, run: 'first', hosts: ['ctl01'], changesMembers: false },
    },
    hosts: [{ host: 'ctl01', isFirst: true, isUndone: false }],
  });
  expect(first?.hosts[0]?.steps).toContainEqual(
    expect.objectContaining({ title: 'start alpha.service', exitCode: 0, seconds: expect.any(Number) }),
  );
  expect([first, second, third].map(paths)).toEqual([
    ['created /etc/alpha.conf'],
    ['changed /etc/alpha.conf', 'created /etc/extra.conf'],
    ['changed /etc/alpha.conf', 'removed /etc/extra.conf'],
  ]);
  expect([first, second, third].map((run) => run && endOf(run))).toEqual(Array(3).fill('steps-done'));
});
