import { afterEach, beforeEach, expect, test } from 'vitest';
import { deployCommand } from '../../src/cli/commands/deploy.ts';
import { lockCommand } from '../../src/cli/commands/lock.ts';
import { maintenanceCommand } from '../../src/cli/commands/maintenance.ts';
import { recoverCommand } from '../../src/cli/commands/recover.ts';
import type { OpenCloud } from '../../src/cli/deployer.ts';
import { McpError } from '../../src/model/failure.ts';
import type { HostLock } from '../../src/model/lock.ts';
import { planWith } from '../../src/model/plan.ts';
import { outputInto } from '../support/output.ts';
import { opening, unasked, unaskedCloud } from './unasked-cloud.ts';

beforeEach(() => {
  process.exitCode = undefined;
});
afterEach(() => {
  process.exitCode = undefined;
});

const holder = {
  ...{ run: 'r1', verb: 'deploy', by: 'bob', from: 'ws2', since: '2026-01-01T10:00:00.000Z' },
  job: 'https://gitlab.example/jobs/7',
};
const held: HostLock = {
  ...{ host: 'ctl01', state: 'held', words: 'r1', holder, silentSeconds: 70, units: ['mcp-r1-3-2'] },
};
const failure = new McpError('unreachable', 'ctl03 does not answer\nat all');
const free: HostLock = {
  ...{ host: 'ctl02', state: 'free', words: '', holder: undefined, silentSeconds: 0, units: [] },
};

/** A cloud with these locks; what the verbs want of it is noted. */
function lockedCloud() {
  const lines: string[] = [];
  const wanted: unknown[] = [];
  const broken: HostLock[] = [];
  const noted = async (wishes: { readonly lockWaitSeconds?: number }) => {
    wanted.push(wishes.lockWaitSeconds);
    return planWith('lab', []);
  };
  const cloud: OpenCloud = {
    ...unaskedCloud,
    async deploy(wishes) {
      const plan = await noted(wishes);
      const none = { hosts: new Map() };
      return {
        plan,
        observed: none,
        desired: none,
        get all() {
          return unasked();
        },
      };
    },
    recover: async (wishes) => ({ cloud: 'lab', recoveries: [], plan: await noted(wishes) }),
    maintenance: { list: unasked, enter: noted, leave: noted },
    lock: {
      show: async () => [held, free, { host: 'ctl03', state: 'unknown', failure }],
      async break({ confirm }) {
        if (!(await confirm([held]))) throw new McpError('not-confirmed', 'not confirmed');
        broken.push(held);
        return [held];
      },
    },
  };
  const deployer = opening(cloud);
  const output = outputInto(lines);
  const run = async (make: typeof lockCommand, ...argv: readonly string[]) =>
    make(deployer, output)
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .parseAsync([...argv], { from: 'user' });
  return { run, lines, wanted, broken };
}

test('lock show says of every host who has it, since when, from where and for which job, and exits 0', async () => {
  const { run, lines } = lockedCloud();
  await run(lockCommand, 'show', '-i', 'lab.yaml');
  expect(lines[0]?.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
    'host | lock | last heard | steps that live | by',
    'ctl01 | held | 70 s ago | mcp-r1-3-2 | run r1 by bob@ws2 since 2026-01-01T10:00:00.000Z (deploy, https://gitlab.example/jobs/7)',
    'ctl02 | free',
    'ctl03 | unknown | ctl03 does not answer',
  ]);
  expect(process.exitCode).toBe(0);
});

test('lock show --json has the same for machines', async () => {
  const { run, lines } = lockedCloud();
  await run(lockCommand, 'show', '-i', 'lab.yaml', '--json');
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    type: 'locks',
    version: 1,
    hosts: [
      { host: 'ctl01', state: 'held', holder, silentSeconds: 70, steps: ['mcp-r1-3-2'] },
      { host: 'ctl02', state: 'free', holder: null, silentSeconds: null, steps: [] },
      { host: 'ctl03', state: 'unknown', reason: failure.message },
    ],
  });
});

test('lock break shows whose locks they are, and breaks none unasked', async () => {
  const { run, lines, broken } = lockedCloud();
  await expect(run(lockCommand, 'break', '-i', 'lab.yaml')).rejects.toMatchObject({ code: 'not-confirmed' });
  expect([lines[0], broken]).toEqual([expect.stringContaining('ctl01  run r1 by bob@ws2'), []]);
  await run(lockCommand, 'break', '-i', 'lab.yaml', '--yes');
  expect([lines.at(-1), broken]).toEqual(['unlocked ctl01', [held]]);
});

test('every verb that locks hosts can wait for a lock, and says how to write for how long', async () => {
  const { run, wanted } = lockedCloud();
  const rest = ['-i', 'lab.yaml', '--yes', '--lock-wait'];
  await run(deployCommand, ...rest, '15m');
  await run(recoverCommand, ...rest, '90s');
  await run(maintenanceCommand, 'enter', 'ctl01', ...rest, '2h');
  await run(maintenanceCommand, 'leave', 'ctl01', '-i', 'lab.yaml', '--yes');
  expect(wanted).toEqual([900, 90, 7200, undefined]);
  for (const nonsense of ['15', 'soon', '-1m', '']) {
    await expect(run(deployCommand, ...rest, nonsense)).rejects.toMatchObject({
      code: 'commander.invalidArgument',
    });
  }
});
