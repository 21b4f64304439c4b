import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkCommand } from '../../src/cli/commands/check.ts';
import { deployCommand } from '../../src/cli/commands/deploy.ts';
import { planCommand } from '../../src/cli/commands/plan.ts';
import { renderCommand } from '../../src/cli/commands/render.ts';
import { showCommand } from '../../src/cli/commands/show.ts';
import { statusCommand } from '../../src/cli/commands/status.ts';
import type { Deployer, OpenCloud } from '../../src/cli/deployer.ts';
import type { Finding, Health } from '../../src/model/check.ts';
import { McpError } from '../../src/model/failure.ts';
import type { ObservedState } from '../../src/model/observed.ts';
import { isEmpty } from '../../src/model/plan.ts';
import type { PlanOptions } from '../../src/model/plan-options.ts';
import { Secret } from '../../src/model/secret.ts';
import { type Output, paintFor } from '../../src/report/index.ts';
import type { Planned } from '../../src/workflows/plan.ts';
import { sealPlan } from '../../src/workflows/saved-plan.ts';
import { writePlanFile } from '../../src/workflows/saved-plan-file.ts';
import { deployedHosts, type SimulatedCloud, simulatedCloud } from '../support/simulated-cloud.ts';
import { observe } from '../support/simulated-hosts.ts';
import { unaskedCloud } from './unasked-cloud.ts';

beforeEach(() => {
  process.exitCode = undefined;
});
afterEach(() => {
  process.exitCode = undefined;
});

interface Printed extends Output {
  readonly lines: string[];
  readonly questions: string[];
}

function printed({ interactive = false, answer = false } = {}): Printed {
  const lines: string[] = [];
  const questions: string[] = [];
  return {
    lines,
    questions,
    interactive,
    hearsSecrets: false,
    paint: paintFor(false),
    mask: (text) => text,
    print: (text) => void lines.push(text),
    complain: (text) => void lines.push(text),
    hide: () => undefined,
    async confirm(question) {
      questions.push(question);
      return answer;
    },
    ask: async () => undefined,
    askSecret: async () => new Secret('none'),
  };
}

const tester = { verb: 'plan', by: 'tester', from: 'workstation' };

const healthy: Health = { healthy: true, results: [] };

/** A deployer whose cloud is simulated; `carriedOut` counts the deploys that went through. */
function simulatedDeployer(
  cloud: SimulatedCloud,
  wanted: { health?: Health; observed?: ObservedState; expiring?: readonly Finding[] } = {},
) {
  const asked: PlanOptions[] = [];
  const carriedOut: Planned[] = [];
  const observed = wanted.observed ?? observe(deployedHosts(), cloud.desired);
  const plan = async (options: PlanOptions): Promise<Planned> => {
    asked.push(options);
    return {
      plan: cloud.plan(deployedHosts(), { observed, ...options }),
      all: cloud.topology,
      desired: cloud.desired,
      observed,
    };
  };
  const plannedOnly = async () => (await plan({})).plan;
  const open: OpenCloud = {
    ...unaskedCloud,
    expiring: () => wanted.expiring ?? [],
    plan,
    savePlan: (file, planned, options) =>
      writePlanFile(file, sealPlan(cloud, planned, { asked: tester, options, now: new Date() })),
    async deploy(wishes) {
      const planned = await plan(wishes);
      if (isEmpty(planned.plan)) return planned;
      if (!(await wishes.confirm(planned))) throw new McpError('not-confirmed', 'not confirmed');
      wishes.emit({ type: 'rollout-started', run: 'r1', plan: planned.plan });
      wishes.emit({ type: 'rollout-finished', seconds: 1 });
      carriedOut.push(planned);
      return planned;
    },
    status: async () => ({
      cloud: 'lab',
      sections: [],
      health: wanted.health ?? healthy,
      sorted: { causes: [], others: [] },
    }),
    check: async () => wanted.health ?? healthy,
    lock: { show: async () => [], break: async () => [] },
    maintenance: { list: async () => [], enter: plannedOnly, leave: plannedOnly },
  };
  const deployer: Deployer = {
    withCloud: (_inventory, work) => work(open),
    render: async (_inventory, directory) => (directory === '/out' ? 12 : 0),
  };
  return { deployer, asked, carriedOut };
}

const run = (command: Command, ...argv: readonly string[]) =>
  command.exitOverride().parseAsync(['-i', 'lab.yaml', ...argv], { from: 'user' });

const unchanged = () => simulatedDeployer(simulatedCloud());
const changed = () => simulatedDeployer(simulatedCloud({ unitFile: 2 }));

test('plan exits 0 whatever would change, and 2 with --detailed-exitcode when something would', async () => {
  const output = printed();
  await run(planCommand(changed().deployer, output));
  expect(process.exitCode).toBe(0);
  await run(planCommand(changed().deployer, output), '--detailed-exitcode');
  expect(process.exitCode).toBe(2);
  await run(planCommand(unchanged().deployer, output), '--detailed-exitcode');
  expect(process.exitCode).toBe(0);
  expect(output.lines.at(-1)).toBe('lab: nothing to change');
});

test('plan --diff shows the files, plan --json is one JSON document', async () => {
  const output = printed();
  await run(planCommand(changed().deployer, output), '--diff');
  expect(output.lines[0]).toContain('+version = 2');
  await run(planCommand(changed().deployer, output), '--json');
  expect(JSON.parse(output.lines[1] ?? '')).toMatchObject({ type: 'plan', version: 1, cloud: 'lab' });
});

test('plan --out saves it for show, which needs no host, and for deploy, which takes the options from it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-plan-'));
  try {
    const file = join(folder, 'plan');
    const output = printed();
    const { deployer, asked, carriedOut } = changed();
    await run(planCommand(deployer, output), '--limit', 'ctl01', '--out', file);
    expect(output.lines.at(-1)).toContain(`mcp deploy ${file} -i lab.yaml`);
    await showCommand(deployer, output).exitOverride().parseAsync([file], { from: 'user' });
    expect(output.lines.at(-1)).toMatch(/^made .* with mcp 0.1.0\nwith --limit ctl01\n\nlab: /);
    await showCommand(deployer, output).exitOverride().parseAsync([file, '--json'], { from: 'user' });
    expect(JSON.parse(output.lines.at(-1) ?? '')).toMatchObject({ type: 'saved-plan', format: 1 });
    await run(deployCommand(deployer, output), file, '--yes');
    expect(carriedOut).toHaveLength(1);
    expect(asked.at(-1)).toMatchObject({ saved: { saved: { options: { limit: ['ctl01'] } } } });
    await expect(
      run(deployCommand(deployer, output), file, '--yes', '--overwrite-drift'),
    ).rejects.toMatchObject({
      code: 'invalid-arguments',
      message: expect.stringContaining('--overwrite-drift'),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('plan exits 4 when a host does not answer', async () => {
  const cloud = simulatedCloud();
  const answering = observe(deployedHosts(), cloud.desired).hosts;
  const failure = new McpError('unreachable', 'ctl01: connection refused');
  const observed = {
    hosts: new Map([...answering, ['ctl01', { kind: 'unreachable', host: 'ctl01', failure } as const]]),
  };
  const output = printed();
  await run(planCommand(simulatedDeployer(cloud, { observed }).deployer, output));
  expect(process.exitCode).toBe(4);
  expect(output.lines[0]).toContain('ctl01: connection refused');
});

test('a plan that is made while a guard is armed says that its host may undo what was seen', async () => {
  const cloud = simulatedCloud();
  const { hosts } = observe(deployedHosts(), cloud.desired);
  const [ctl01] = [...hosts.values()];
  if (ctl01?.kind !== 'reachable') throw new Error('ctl01 does not answer');
  const runningSteps = ['mcp-20260101T000000Z-killed-revert-1.timer'];
  const observed = { hosts: new Map([...hosts, [ctl01.host, { ...ctl01, runningSteps }]]) };
  const output = printed();
  await run(planCommand(simulatedDeployer(cloud, { observed }).deployer, output));
  expect(output.lines).toEqual([
    'lab: nothing to change',
    'ctl01 is still busy with mcp-20260101T000000Z-killed-revert-1.timer, a step of an earlier run: what is due may change when it ends',
  ]);
});

test('plan hands its filters over', async () => {
  const { deployer, asked } = changed();
  await run(planCommand(deployer, printed()), '--limit', 'ctl01', 'ctl02', '--allow-unreachable', 'prx01');
  expect(asked).toEqual([
    { limit: ['ctl01', 'ctl02'], allowUnreachable: ['prx01'], overwriteDrift: false, allowOlder: false },
  ]);
});

test('deploy without --yes asks on a terminal, and no is no', async () => {
  const output = printed({ interactive: true, answer: false });
  const { deployer, carriedOut } = changed();
  await expect(run(deployCommand(deployer, output))).rejects.toMatchObject({ code: 'not-confirmed' });
  expect(output.questions).toHaveLength(1);
  expect(output.lines[0]).toContain('Cluster on ctl02');
  expect(carriedOut).toHaveLength(0);
});

test('deploy without --yes is refused where nobody can answer, and --json never implies yes', async () => {
  for (const [argv, interactive] of [
    [[], false],
    [['--json'], true],
  ] as const) {
    const output = printed({ interactive, answer: true });
    const { deployer, carriedOut } = changed();
    await expect(run(deployCommand(deployer, output), ...argv)).rejects.toMatchObject({
      code: 'not-confirmed',
    });
    expect(output.questions).toHaveLength(0);
    expect(carriedOut).toHaveLength(0);
  }
});

test('deploy --yes does not ask and exits 0', async () => {
  const output = printed();
  const { deployer, carriedOut } = changed();
  await run(deployCommand(deployer, output), '--yes');
  expect(carriedOut).toHaveLength(1);
  expect(process.exitCode).toBe(0);
});

test('a deploy with nothing to change needs no confirmation', async () => {
  const output = printed();
  await run(deployCommand(unchanged().deployer, output));
  expect(process.exitCode).toBe(0);
  expect(output.lines.join('\n')).toContain('nothing to change');
});

test('deploy --json prints nothing but JSON lines', async () => {
  const output = printed();
  await run(deployCommand(changed().deployer, output), '--yes', '--json');
  const records = output.lines.map((line) => JSON.parse(line));
  expect(records[0].type).toBe('version');
  expect(records.at(-1)).toMatchObject({ type: 'summary', outcome: 'done' });
});

test('status exits 0 or 8', async () => {
  const finding = { severity: 'red', hosts: ['ctl01'], message: 'is down' } as const;
  const degraded: Health = {
    healthy: false,
    results: [{ check: 'galera.complete', service: 'galera', title: 'complete', findings: [finding] }],
  };
  const output = printed();
  await run(statusCommand(unchanged().deployer, output));
  expect(process.exitCode).toBe(0);
  await run(statusCommand(simulatedDeployer(simulatedCloud(), { health: degraded }).deployer, output));
  expect(process.exitCode).toBe(8);
  expect(output.lines.at(-1)).toContain('lab is degraded');
});

test('check exits 4 when a machine can not be reached and 8 for any other problem', async () => {
  const finding = { severity: 'red', hosts: ['ctl01'], message: 'no' } as const;
  for (const [check, code] of [
    ['preflight.reachable', 4],
    ['preflight.clock', 8],
  ] as const) {
    const results = [{ check, service: 'preflight', title: check, findings: [finding] }];
    const { deployer } = simulatedDeployer(simulatedCloud(), { health: { healthy: false, results } });
    await run(checkCommand(deployer, printed()));
    expect(process.exitCode).toBe(code);
  }
});

test('render says where the files are', async () => {
  const output = printed();
  await run(renderCommand(unchanged().deployer, output), '--out', '/out');
  expect(output.lines).toEqual(['12 files below /out']);
});

test('plan and deploy tell what expires soon, and change nothing for it', async () => {
  const message = 'the authority Company Root in lab.certs/ca.crt expires on 2026-12-20';
  const expiring = [{ severity: 'warning' as const, hosts: [], message, hint: 'get its successor' }];
  for (const command of [planCommand, deployCommand]) {
    const output = printed();
    await run(command(simulatedDeployer(simulatedCloud(), { expiring }).deployer, output));
    expect(process.exitCode).toBe(0);
    expect(output.lines).toContain(`${message}: get its successor`);
  }
});
