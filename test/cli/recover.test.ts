import { afterEach, beforeEach, expect, test } from 'vitest';
import { recoverCommand } from '../../src/cli/commands/recover.ts';
import type { OpenCloud } from '../../src/cli/deployer.ts';
import { McpError } from '../../src/model/failure.ts';
import { planWith } from '../../src/model/plan.ts';
import type { Recovery } from '../../src/model/recovery.ts';
import { outputInto } from '../support/output.ts';
import { opening, unaskedCloud } from './unasked-cloud.ts';

beforeEach(() => {
  process.exitCode = undefined;
});
afterEach(() => {
  process.exitCode = undefined;
});

const plan = {
  ...planWith('lab', [
    {
      ...{
        id: 1,
        service: 'galera',
        title: 'Form the cluster on ctl01',
        hosts: [{ host: 'ctl01', steps: [] }],
      },
      ...{ disruptive: false, capacity: '', leaving: [] },
    },
  ]),
  missing: [{ host: 'ctl03', kind: 'silent', reason: 'does not answer', capacity: [] }],
} as const;
const recovery = {
  ...{ service: 'galera', name: 'Galera', refusals: [], stages: [], beginsAnew: true },
  evidence: {
    ...{ title: 'Galera', columns: ['host', 'data'] },
    rows: [
      ['ctl01', 'up to transaction 12'],
      ['ctl03', 'it does not answer'],
    ],
  },
  truth: 'the data of ctl01, up to transaction 12',
  losses: ['what only ctl03 has committed, if anything: it does not answer'],
} satisfies Recovery & { service: string; name: string };

/** Runs the verb; resolves with what was printed and what was asked for. */
async function run(recoveries: readonly (typeof recovery)[], ...argv: readonly string[]) {
  const lines: string[] = [];
  const asked: unknown[] = [];
  const output = outputInto(lines);
  const cloud: OpenCloud = {
    ...unaskedCloud,
    async recover({ without, from, confirm, emit }) {
      asked.push({ without, from });
      const prepared = { cloud: 'lab', recoveries, plan };
      if (recoveries.length === 0) return prepared;
      if (!(await confirm(prepared))) throw new McpError('not-confirmed', 'not confirmed');
      emit({ type: 'rollout-started', run: 'r1', plan });
      emit({ type: 'rollout-finished', seconds: 1 });
      return prepared;
    },
  };
  const deployer = opening(cloud);
  await recoverCommand(deployer, output)
    .exitOverride()
    .parseAsync(['-i', 'lab.yaml', ...argv], { from: 'user' });
  return { text: lines.join('\n'), asked };
}

test('it shows what each member knows, what is taken as the truth, what is lost, and what would be done', async () => {
  const { text, asked } = await run([recovery], '--without', 'ctl03', '--yes');
  expect(text).toContain(
    `lab: Galera is to be brought back
host   data
ctl01  up to transaction 12
ctl03  it does not answer
the truth is the data of ctl01, up to transaction 12
lost: what only ctl03 has committed, if anything: it does not answer

! ctl03 does not answer
 1  Form the cluster on ctl01`,
  );
  expect(asked).toEqual([{ without: ['ctl03'], from: undefined }]);
  expect(process.exitCode).toBe(0);
});

test('nothing is decided unasked', async () => {
  await expect(run([recovery], '--from', 'ctl01')).rejects.toMatchObject({ code: 'not-confirmed' });
  await expect(run([recovery], '--json')).rejects.toMatchObject({ code: 'not-confirmed' });
});

test('where nothing is to be decided it says so', async () => {
  expect((await run([])).text).toContain('nothing is to be recovered');
  expect(process.exitCode).toBe(0);
});
