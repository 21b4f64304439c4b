import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployedLab } from './support/deployed.ts';
import { onEach } from './support/hosts.ts';
import { type LabOf, labOf, root } from './support/mcp.ts';
import { awaitHealthy } from './support/steady.ts';

const inventory = 'inventories/lab.yaml';
const hosts = ['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02'];
let lab: LabOf;

beforeAll(async () => {
  lab = await deployedLab(inventory);
  await awaitHealthy(lab, 60);
});

afterAll(async () => {
  await labOf(inventory).must('lab down');
});

interface TrialRecord {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly measured?: {
    readonly series: readonly {
      readonly name: string;
      readonly endpoint: 'vip' | 'page' | 'sql' | 'amqp';
      readonly outageMilliseconds: number;
      readonly secondOutageMilliseconds: number;
    }[];
    readonly rows: { readonly acknowledged: number; readonly lost: readonly unknown[] };
    readonly messages: { readonly confirmed: number; readonly lost: readonly unknown[] };
  };
}

/**
 * What the values that Kolla-Ansible ships need for the same faults: VRRP with an advert a second 3.6 s, five checks of
 * two seconds for SQL (9.3 s was measured), and AMQP clients that learn of a dead broker by their heartbeat of 60 s; 20 s
 * is ours. The budgets of the faults are tighter and are judged on a quiet machine; a run that shares its cores with who
 * knows what still has to be better than these.
 */
const packagedMilliseconds = { vip: 3600, page: 4000, sql: 9300, amqp: 20_000 };

test.each([
  'database-vip-power-cut',
  'public-vip-power-cut',
  'galera-writer-killed',
  'galera-writer-frozen',
  'rabbitmq-node-stopped',
])('%s: nothing that clients were promised is lost, and they wait less than elsewhere', async (fault) => {
  const { stdout, output } = await lab.mcp('failover-drill', fault, '--json');
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const trial: TrialRecord | undefined = records.find(({ type }) => type === 'trial-finished')?.result;
  const measured = trial?.measured;
  if (measured === undefined) throw new Error(`nothing was measured:\n${output}`);
  expect(measured.rows.acknowledged).toBeGreaterThan(100);
  expect(measured.messages.confirmed).toBeGreaterThan(100);
  expect([measured.rows.lost, measured.messages.lost]).toEqual([[], []]);
  await awaitHealthy(lab, 60);
  if (trial?.verdict === 'INVALID') {
    // A machine that stands still itself can't say how long the cluster did. Nothing else may be the doubt.
    for (const reason of trial.reasons)
      expect(reason).toMatch(/too busy to measure|could not keep its schedule/);
    return;
  }
  expect(['PASS', 'FAIL']).toContain(trial?.verdict);
  for (const { name, endpoint, outageMilliseconds, secondOutageMilliseconds } of measured.series) {
    const worst = Math.max(outageMilliseconds, secondOutageMilliseconds);
    expect(worst, `${name}: ${trial?.reasons.join('; ')}`).toBeLessThan(packagedMilliseconds[endpoint]);
  }
});

test.each(['galera-writer-frozen', 'database-vip-power-cut'])(
  'a drill that is killed in the middle of %s leaves hosts that heal by themselves',
  async (fault) => {
    const drill = spawn(`${root}bin/mcp`, ['failover-drill', '-i', inventory, fault, '--json'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(drill, 'exit');
    for await (const chunk of drill.stdout.setEncoding('utf8')) {
      if (String(chunk).includes('"type":"fault-injected"')) break;
    }
    // Told right before it is done; what is armed heals it 15 s later at the earliest.
    await sleep(4000);
    drill.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect((await lab.mcp('status')).exitCode).toBe(8);
    await awaitHealthy(lab, 120);
    const left = await onEach(
      lab,
      hosts,
      "systemctl list-units --all --plain --no-legend 'mcp-drill*'; ls -d /run/mcp-drill* 2>/dev/null || true",
    );
    expect(new Set(Object.values(left))).toEqual(new Set(['']));
  },
);

test('with every core busy and nothing broken, no VIP moves, no database view changes, no broker is lost', async () => {
  const { exitCode, output } = await lab.mcp('failover-drill', '--steady', '60', '--saturate');
  expect(output).toContain('PASS');
  expect(exitCode).toBe(0);
});
