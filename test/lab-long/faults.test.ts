import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployedLab } from '../lab/support/deployed.ts';
import { expectToHealAfterKill } from '../lab/support/killed-drill.ts';
import { type LabOf, labOf } from '../lab/support/mcp.ts';
import { awaitHealthy } from '../lab/support/steady.ts';

const inventory = 'inventories/lab.yaml';
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

test('a drill that is killed in the middle of a power cut leaves a host that comes back by itself', async () => {
  const hosts = ['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02'];
  await expectToHealAfterKill(lab, hosts, { fault: 'database-vip-power-cut', isBroken: someHostIsOff });
});

/** The program gives a host 20 s without power. */
async function someHostIsOff(): Promise<void> {
  for (let look = 0; look < 40; look += 1) {
    if (/^\S+ +\S+ +\S+ +off\b/m.test((await lab.must('lab status')).output)) return;
  }
  throw new Error('no host lost its power');
}
