import { afterEach, beforeEach, expect, test } from 'vitest';
import { historyCommand } from '../../src/cli/commands/history.ts';
import { rollbackCommand } from '../../src/cli/commands/rollback.ts';
import { showCommand } from '../../src/cli/commands/show.ts';
import type { OpenCloud } from '../../src/cli/deployer.ts';
import { McpError } from '../../src/model/failure.ts';
import { planWith, quietBatch } from '../../src/model/plan.ts';
import { type RunOnHost, runsIn } from '../../src/model/run.ts';
import { type History, runShown } from '../../src/workflows/history.ts';
import type { PreparedRollback } from '../../src/workflows/rollback.ts';
import { outputInto } from '../support/output.ts';
import { opening, unasked, unaskedCloud } from './unasked-cloud.ts';

beforeEach(() => {
  process.exitCode = undefined;
});
afterEach(() => {
  process.exitCode = undefined;
});

const account = {
  ...{ run: 'r2', verb: 'deploy', by: 'bob', from: 'ws2', since: '2026-01-01T10:00:00.000Z' },
  ...{ job: 'https://gitlab.example/jobs/7', hosts: ['ctl01', 'ctl02'], changesMembers: false },
  commit: {
    hash: '0123456789abcdef0123456789abcdef01234567',
    committedAt: '2026-01-01T09:00:00Z',
    dirty: true,
  },
};
const step = { title: 'restart nova-api.service', startedAt: '2026-01-01T10:00:30.000', seconds: 4.25 };
const onCtl01: RunOnHost = {
  ...{ host: 'ctl01', run: 'r2', number: 8, account, isFirst: false, isUndone: false },
  steps: [{ ...step, exitCode: 0 }],
  files: [{ path: '/etc/nova/nova.conf', change: 'changed' }],
};
const onCtl02: RunOnHost = {
  ...onCtl01,
  host: 'ctl02',
  steps: [{ ...step, exitCode: 1 }],
  files: [
    { path: '/etc/nova/nova.conf', change: 'changed' },
    { path: '/etc/nova/extra.conf', change: 'created' },
  ],
};
const former: RunOnHost = { ...onCtl01, run: 'r1', number: 7, account: undefined, steps: [], files: [] };
const failure = new McpError('unreachable', 'ctl03 does not answer\nat all');
const history: History = {
  ...{ cloud: 'lab', runs: runsIn([onCtl01, former, onCtl02]) },
  silent: [{ host: 'ctl03', failure }],
};

/** A cloud with these runs; what was taken back is noted. */
function cloudWithRuns({ steps = true } = {}) {
  const lines: string[] = [];
  const undone: unknown[] = [];
  const none = { hosts: new Map() };
  const batch = { ...quietBatch('nova', 'Nova on ctl01', [{ host: 'ctl01', steps: [] }]), id: 1 };
  const prepared: PreparedRollback = {
    ...{ plan: planWith('lab', steps ? [batch] : []), observed: none, desired: none },
    undone: history.runs.slice(-1),
    get all() {
      return unasked();
    },
  };
  const cloud: OpenCloud = {
    ...unaskedCloud,
    history: async () => history,
    run: async (name) => runShown(name, history),
    async rollback({ run, overwriteDrift, lockWaitSeconds, confirm, emit }) {
      if (!steps) return prepared;
      if (!(await confirm(prepared))) throw new McpError('not-confirmed', 'not confirmed');
      emit({ type: 'rollout-started', run: 'r3', plan: prepared.plan });
      emit({ type: 'rollout-finished', seconds: 1 });
      undone.push([run, overwriteDrift, lockWaitSeconds]);
      return prepared;
    },
  };
  const deployer = opening(cloud);
  const output = outputInto(lines);
  const run = (make: typeof historyCommand, ...argv: readonly string[]) =>
    make(deployer, output)
      .exitOverride()
      .parseAsync([...argv, '-i', 'lab.yaml'], { from: 'user' });
  return { run, lines, undone };
}

const cells = (text = '') => text.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '));

test('history says of each run when it was, who asked, from which commit, where, and how it ended', async () => {
  const { run, lines } = cloudWithRuns();
  await run(historyCommand);
  expect(cells(lines[0])).toEqual([
    'run | when (UTC) | verb | by | commit | files | ended | hosts',
    expect.stringMatching(/^r1 \| an earlier version \| 0 \| no step begun \| ctl01$/),
    'r2 | 2026-01-01 10:00 | deploy | bob@ws2 | 0123456789 with changes | 3 | a step failed | ctl01 ctl02',
    '! ctl03: ctl03 does not answer',
  ]);
  expect(process.exitCode).toBe(0);
});

test('history --json has the same for machines', async () => {
  const { run, lines } = cloudWithRuns();
  await run(historyCommand, '--json');
  const { hosts: _hosts, changesMembers: _members, ...told } = account;
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    ...{ type: 'history', version: 1, cloud: 'lab' },
    runs: [
      { run: 'r1', number: 7, verb: null, commit: null, ended: 'nothing-done', hosts: ['ctl01'], files: 0 },
      { ...told, number: 8, ended: 'step-failed', hosts: ['ctl01', 'ctl02'], files: 3 },
    ],
    silent: [{ host: 'ctl03', reason: failure.message }],
  });
});

test('show tells the steps of a run and the paths that it has changed, host by host', async () => {
  const { run, lines } = cloudWithRuns();
  await run(showCommand, 'r2');
  expect(cells(lines[0])).toEqual([
    'run r2: a step failed',
    'deploy by bob@ws2, 2026-01-01 10:00 UTC',
    'commit 0123456789 with changes',
    'https://gitlab.example/jobs/7',
    '',
    'ctl01',
    ' | 10:00:30 | 4.3 s | restart nova-api.service',
    ' | ~ /etc/nova/nova.conf',
    '',
    'ctl02',
    ' | 10:00:30 | 4.3 s | restart nova-api.service | exited 1',
    ' | ~ /etc/nova/nova.conf',
    ' | + /etc/nova/extra.conf',
  ]);
  await run(showCommand, 'last', '--json');
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({
    ...{ type: 'run', version: 1, run: 'r2' },
    hosts: [{ host: 'ctl01', steps: [{ exitCode: 0, seconds: 4.25 }] }, { host: 'ctl02' }],
  });
});

test('a run that nobody has kept is an error that names those that are', async () => {
  const { run } = cloudWithRuns();
  await expect(run(showCommand, 'r9')).rejects.toMatchObject({
    code: 'invalid-arguments',
    message: 'no host has kept a run r9 (ctl03 could not be asked)',
    details: { hint: 'name one of r1, r2' },
  });
  await expect(run(showCommand, 'r')).rejects.toMatchObject({ message: 'several runs begin with r' });
});

test('rollback shows which runs it takes back and the plan, and does nothing unasked', async () => {
  const { run, lines, undone } = cloudWithRuns();
  await expect(run(rollbackCommand, 'r2')).rejects.toMatchObject({ code: 'not-confirmed' });
  expect([lines[0], undone]).toEqual([
    expect.stringMatching(
      /^1 run to take back\nr2 {2}deploy by bob@ws2, 2026-01-01 10:00 UTC, commit 0123456789 with changes\n\nlab: .*Nova on ctl01/s,
    ),
    [],
  ]);
  await expect(run(rollbackCommand, 'r2', '--json')).rejects.toMatchObject({ code: 'not-confirmed' });
  await run(rollbackCommand, 'r2', '--yes', '--overwrite-drift', '--lock-wait', '15m');
  expect([undone, process.exitCode]).toEqual([[['r2', true, 900]], 0]);
});

test('a rollback that finds everything as it was says so, and exits 0', async () => {
  const { run, lines } = cloudWithRuns({ steps: false });
  await run(rollbackCommand, 'r2');
  expect([lines.at(-1), process.exitCode]).toEqual(['everything is as it was before that run', 0]);
});
