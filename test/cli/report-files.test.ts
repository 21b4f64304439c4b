import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deployCommand } from '../../src/cli/commands/deploy.ts';
import { maintenanceCommand } from '../../src/cli/commands/maintenance.ts';
import { planCommand } from '../../src/cli/commands/plan.ts';
import { recoverCommand } from '../../src/cli/commands/recover.ts';
import { rollbackCommand } from '../../src/cli/commands/rollback.ts';
import { statusCommand } from '../../src/cli/commands/status.ts';
import type { Deployer, OpenCloud } from '../../src/cli/deployer.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { ExecutionEvent } from '../../src/model/event.ts';
import { McpError } from '../../src/model/failure.ts';
import { Secret } from '../../src/model/secret.ts';
import { maskWith } from '../../src/report/index.ts';
import type { Planned } from '../../src/workflows/plan.ts';
import { outputInto } from '../support/output.ts';
import { haltedAtStep, runDone, stepFailure, threeBatches } from '../support/run-events.ts';
import { deployedHosts, simulatedCloud } from '../support/simulated-cloud.ts';
import { observe } from '../support/simulated-hosts.ts';

let folder = '';
let junit = '';
let markdown = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-report-files-'));
  junit = join(folder, 'junit.xml');
  markdown = join(folder, 'summary.md');
  process.exitCode = undefined;
});
afterEach(async () => {
  process.exitCode = undefined;
  await rm(folder, { recursive: true });
});

const text = (file: string): Promise<string> => readFile(file, 'utf8');

const changed = simulatedCloud({ unitFile: 2 });
const planned: Planned = {
  plan: threeBatches,
  all: changed.topology,
  desired: changed.desired,
  observed: observe(deployedHosts(), changed.desired),
};

interface Course {
  readonly events?: readonly ExecutionEvent[];
  /** What ends the run. */
  readonly failure?: unknown;
  /** What keeps the cloud from being opened at all. */
  readonly closed?: McpError;
  readonly red?: boolean;
}

/** A cloud of which runs take this course. */
function cloudWith({ events = [], failure, closed, red = false }: Course) {
  const begun: string[] = [];
  const unused = () => {
    throw new Error('not asked for here');
  };
  const run = async ({ emit }: { readonly emit: (event: ExecutionEvent) => void }) => {
    begun.push('run');
    events.forEach(emit);
    if (failure !== undefined) throw failure;
  };
  const findings = red ? ([{ severity: 'red', hosts: ['ctl01'], message: 'is down' }] as const) : [];
  const results = [{ check: 'galera.complete', service: 'galera', title: 'every member is there', findings }];
  const check = { name: 'galera.complete', service: 'galera' };
  const cloud: OpenCloud = {
    ...{ secrets: [], expiring: () => [], check: unused, lock: { show: unused, break: unused } },
    plan: async () => planned,
    savePlan: unused,
    history: unused,
    run: unused,
    rollback: async (wishes) => run(wishes).then(() => ({ ...planned, undone: [] })),
    deploy: async (wishes) => run(wishes).then(() => planned),
    recover: async (wishes) => run(wishes).then(() => ({ cloud: 'lab', recoveries: [], plan: threeBatches })),
    maintenance: {
      list: unused,
      enter: (wishes) => run(wishes).then(() => threeBatches),
      leave: (wishes) => run(wishes).then(() => threeBatches),
    },
    status: async () => ({
      cloud: 'lab',
      sections: [{ service: 'galera', title: 'Galera', columns: ['host'], rows: [['ctl01']] }],
      health: { healthy: !red, results },
      sorted: { causes: [], others: findings.map((finding) => ({ check, finding })) },
    }),
  };
  const deployer: Deployer = {
    async withCloud(_inventory, work) {
      if (closed !== undefined) throw closed;
      return work(cloud);
    },
    render: unused,
  };
  return { deployer, begun };
}

const output = (lines: string[] = [], secrets: readonly string[] = []) => ({
  ...outputInto(lines),
  mask: maskWith(secrets.map((secret) => new Secret(secret))),
});

const run = (command: Command, ...argv: readonly string[]) =>
  command.exitOverride().parseAsync([...argv, '-i', 'lab.yaml'], { from: 'user' });

const files = () => ['--junit', junit, '--markdown', markdown];

test.each([
  ['deploy', (deployer: Deployer) => run(deployCommand(deployer, output()), ...files())],
  ['recover', (deployer: Deployer) => run(recoverCommand(deployer, output()), ...files())],
  ['rollback', (deployer: Deployer) => run(rollbackCommand(deployer, output()), 'r1', ...files())],
  [
    'maintenance enter',
    (deployer: Deployer) => run(maintenanceCommand(deployer, output()), 'enter', 'ctl01', ...files()),
  ],
  [
    'maintenance leave',
    (deployer: Deployer) => run(maintenanceCommand(deployer, output()), 'leave', 'ctl01', ...files()),
  ],
] as const)('%s writes both files, done or halted', async (verb, carryOut) => {
  await carryOut(cloudWith({ events: runDone }).deployer);
  expect(process.exitCode).toBe(0);
  expect(await text(junit)).toContain(`<testsuites name="mcp ${verb}" tests="23" failures="0" errors="0"`);
  const halted = carryOut(cloudWith({ events: haltedAtStep, failure: stepFailure }).deployer);
  await expect(halted).rejects.toBe(stepFailure);
  expect(await text(junit)).toContain(`<testsuites name="mcp ${verb}" tests="16" failures="1" errors="0"`);
  const [, done, second] = (await text(markdown)).split(/^## /m);
  expect(done).toContain(`✅ mcp ${verb} of lab`);
  expect(second).toContain('halted: 1 of 3 batches done');
});

test('a run with nothing to change has one case that passed, since a report without any is taken for a mistake', async () => {
  await run(deployCommand(cloudWith({}).deployer, output()), ...files());
  expect(await text(junit)).toContain('tests="1" failures="0" errors="0" skipped="0"');
  expect(await text(junit)).toContain('<system-out>nothing to change</system-out>');
  expect(await text(markdown)).toContain('nothing to change');
});

test.each([
  ['refused', { failure: new McpError('drift', 'edited by someone else', { hint: 'look at it' }) }],
  ['interrupted', { failure: new McpError('interrupted', 'interrupted: edited by someone else') }],
  ['kept from the cloud', { closed: new McpError('invalid-inventory', 'edited by someone else') }],
  ['stopped by a bug', { failure: new Error('edited by someone else') }],
] as const)(
  'a run that is %s before it began has an error in the suite of the plan',
  async (_how, course) => {
    const { deployer } = cloudWith(course);
    const failure = 'closed' in course ? course.closed : course.failure;
    await expect(run(deployCommand(deployer, output()), ...files())).rejects.toBe(failure);
    expect(await text(junit)).toMatch(/<testsuite name="plan" tests="1" failures="0" errors="1".*<error /s);
    for (const file of [junit, markdown]) expect(await text(file)).toContain('edited by someone else');
  },
);

test('a file that can not be written is an operator’s mistake, told before anything is done', async () => {
  const missing = join(folder, 'missing/report');
  for (const option of ['--junit', '--markdown']) {
    const { deployer, begun } = cloudWith({ events: runDone });
    await expect(run(deployCommand(deployer, output()), option, missing)).rejects.toMatchObject({
      code: 'invalid-arguments',
      message: `${missing} can't be written: no such file or folder`,
    });
    expect(begun).toEqual([]);
  }
});

test('one file can not be both', async () => {
  const argv = [
    'deploy',
    '-i',
    'lab.yaml',
    '--junit',
    markdown,
    '--markdown',
    join(folder, '.', 'summary.md'),
  ];
  const lines: string[] = [];
  expect(await runProgram(['node', 'mcp', ...argv], outputInto(lines))).toBe(3);
  expect(lines[0]).toContain("can't be JUnit and Markdown");
});

test('where the disk is full at the end, the outcome is told all the same, and so is the file', async () => {
  const lines: string[] = [];
  const halted = cloudWith({ events: haltedAtStep, failure: stepFailure });
  const argv = ['--junit', '/dev/full', '--markdown', markdown];
  await expect(run(deployCommand(halted.deployer, output(lines)), ...argv)).rejects.toBe(stepFailure);
  expect(lines.join('\n')).toContain('halted: 1 of 3 batches done');
  expect(lines.join('\n')).toContain("✗ /dev/full can't be written: no space left on the device");
  // The other file is written.
  expect(await text(markdown)).toContain('halted: 1 of 3 batches done');
});

test('what ended well ends with 3 where a file was lost, as it does where standard output was', async () => {
  const { deployer } = cloudWith({ events: runDone });
  await run(deployCommand(deployer, output()), '--markdown', '/dev/full');
  expect(process.exitCode).toBe(3);
  await run(statusCommand(cloudWith({ red: true }).deployer, output()), '--junit', '/dev/full');
  expect(process.exitCode).toBe(8);
});

test('who is killed leaves a file that says so', async () => {
  await writeFile(junit, 'all is well, said an earlier run');
  const { deployer } = cloudWith({});
  const seen: string[] = [];
  const killed: Deployer = {
    ...deployer,
    async withCloud() {
      seen.push(await text(junit));
      // As in a network namespace, where another process does all of it and writes the files.
      return 0;
    },
  };
  await run(deployCommand(killed, output()), ...files());
  expect(seen[0]).toMatch(/<error message="mcp ended before it could tell how this went"/);
  expect(await text(junit)).toBe(seen[0]);
  expect(await text(markdown)).toBe('');
});

test('a secret is in neither file', async () => {
  const secret = 'hunter<2>|hunter';
  const failure = new McpError('command-failed', `login with ${secret} refused`, { host: 'ctl03' });
  const { deployer } = cloudWith({ failure });
  await expect(run(deployCommand(deployer, output([], [secret])), ...files())).rejects.toBe(failure);
  for (const file of [junit, markdown]) {
    expect(await text(file)).toContain('login with *** refused');
    expect(await text(file)).not.toContain('hunter');
  }
});

test('plan adds its review to the file, with the difference where that was asked for', async () => {
  const { deployer } = cloudWith({});
  await run(planCommand(deployer, output()), '--markdown', markdown);
  expect(await text(markdown)).not.toContain('```diff');
  await run(planCommand(deployer, output()), '--markdown', markdown, '--diff');
  const [, one, two] = (await text(markdown)).split(/^## /m);
  for (const part of [one, two])
    expect(part).toContain('lab: 3 files, 3 unit actions on 3 hosts in 3 batches');
  expect(two).toContain('```diff');
});

test('a plan that could not be made says why', async () => {
  const closed = new McpError('unreachable', 'ctl01: connection refused');
  await expect(
    run(planCommand(cloudWith({ closed }).deployer, output()), '--markdown', markdown),
  ).rejects.toBe(closed);
  expect(await text(markdown)).toContain('## ❌ mcp plan\n\n```text\n✗ ctl01: connection refused\n```\n');
});

test('status has a case for each check', async () => {
  await run(statusCommand(cloudWith({ red: true }).deployer, output()), ...files());
  expect(process.exitCode).toBe(8);
  expect(await text(junit)).toContain('<testcase classname="galera.complete" name="every member is there"');
  expect(await text(junit)).toContain(
    '<failure message="ctl01: is down" type="red">✗ ctl01: is down</failure>',
  );
  expect(await text(markdown)).toContain('## ❌ lab is degraded: 1 of 1 check failed\n\n- ✗ ctl01: is down');
});

test('a list of faults is no drill, and has no report', async () => {
  const argv = ['failover-drill', '-i', 'lab.yaml', '--list', '--junit', junit];
  const lines: string[] = [];
  expect(await runProgram(['node', 'mcp', ...argv], outputInto(lines))).toBe(3);
  expect(lines.join('\n')).toContain("option '--list' cannot be used with option '--junit <file>'");
  expect(existsSync(junit)).toBe(false);
});
