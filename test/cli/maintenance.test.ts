import { afterEach, beforeEach, expect, test } from 'vitest';
import { maintenanceCommand } from '../../src/cli/commands/maintenance.ts';
import type { OpenCloud } from '../../src/cli/deployer.ts';
import { McpError } from '../../src/model/failure.ts';
import { planWith } from '../../src/model/plan.ts';
import { outputInto } from '../support/output.ts';
import { opening, unaskedCloud } from './unasked-cloud.ts';

beforeEach(() => {
  process.exitCode = undefined;
});
afterEach(() => {
  process.exitCode = undefined;
});

const plan = planWith('lab', [
  {
    ...{ id: 1, service: 'galera', title: 'Galera leaves ctl01', hosts: [{ host: 'ctl01', steps: [] }] },
    ...{ disruptive: true, capacity: 'galera 2 of 3, writer moves from ctl01 to ctl02', leaving: [] },
  },
]);
const resting = { host: 'ctl01', since: '2026-01-01T10:00:00Z', by: 'root@deployer', reason: 'new disks' };

/** Runs one verb; resolves with what was printed and what was done. */
async function run(...argv: readonly string[]) {
  const lines: string[] = [];
  const done: string[] = [];
  const output = outputInto(lines);
  const carryOut =
    (verb: 'enter' | 'leave'): OpenCloud['maintenance']['enter'] =>
    async ({ host, reason, confirm, emit }) => {
      const isYes = await confirm({ host, verb, plan, isBehind: verb === 'leave' });
      if (!isYes) throw new McpError('not-confirmed', 'not confirmed');
      emit({ type: 'rollout-started', run: 'r1', plan });
      emit({ type: 'rollout-finished', seconds: 1 });
      done.push([verb, host, reason].join(' ').trim());
      return plan;
    };
  const maintenance = { list: async () => [resting], enter: carryOut('enter'), leave: carryOut('leave') };
  const cloud: OpenCloud = {
    ...unaskedCloud,
    maintenance,
  };
  const deployer = opening(cloud);
  const [verb = '', ...rest] = argv;
  const command = maintenanceCommand(deployer, output).exitOverride();
  await command.parseAsync([verb, '-i', 'lab.yaml', ...rest], { from: 'user' });
  return { lines, done };
}

test('enter shows who leaves and what is left, and hands the reason over', async () => {
  const { lines, done } = await run('enter', 'ctl01', '--reason', 'new disks', '--yes');
  expect(lines[0]).toContain(
    'lab: ctl01 goes into maintenance\n 1  Galera leaves ctl01 · meanwhile galera 2 of 3, writer moves from ctl01 to ctl02',
  );
  expect(done).toEqual(['enter ctl01 new disks']);
  expect(process.exitCode).toBe(0);
});

test('nobody is taken out unasked', async () => {
  await expect(run('enter', 'ctl01')).rejects.toMatchObject({ code: 'not-confirmed' });
  await expect(run('leave', 'ctl01', '--json')).rejects.toMatchObject({ code: 'not-confirmed' });
});

test('leave says what is to be done where the host is behind', async () => {
  const { lines, done } = await run('leave', 'ctl01', '--yes');
  expect(lines[0]).toContain('! ctl01 is not up to date: `mcp deploy` catches it up when it is back');
  expect(done).toEqual(['leave ctl01']);
});

test('list says since when, who asked and why, to people and to machines', async () => {
  expect((await run('list')).lines.join('\n')).toMatch(
    /ctl01 +2026-01-01T10:00:00Z +root@deployer +new disks/,
  );
  const [line = ''] = (await run('list', '--json')).lines;
  expect(JSON.parse(line)).toEqual({ type: 'maintenance', version: 1, hosts: [resting] });
});
