import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deployedLab } from '../lab/support/deployed.ts';
import { expectToHealAfterKill } from '../lab/support/killed-drill.ts';
import { type LabOf, labOf } from '../lab/support/mcp.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { expectBudgetsKept, trialsOf } from '../lab/support/trials.ts';

const inventory = 'inventories/lab.yaml';
const hosts = ['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02'];
const databases = ['ctl01', 'ctl02', 'ctl03'];
const partitions = [
  'partition-of-two-candidates',
  'partition-from-all',
  'partition-hears-nothing',
  'partition-is-not-heard',
  'partition-of-proxies',
  'partition-two-against-three',
];
const outages = [
  'galera-writer-disk-full',
  'galera-joiner-killed',
  'galera-donor-killed',
  'galera-all-stopped',
  'database-hosts-power-cut',
  'everything-power-cut',
  'everything-shut-down',
];
let lab: LabOf;

beforeAll(async () => {
  lab = await deployedLab(inventory);
  await awaitHealthy(lab, 60);
});

afterAll(async () => {
  await labOf(inventory).must('lab down');
});

describe('once', () => {
  test.each([...partitions, ...outages])(
    '%s: nothing that clients were promised is lost, and they wait no longer than its budgets say',
    async (fault) => {
      const trials = await trialsOf(lab, fault, '--repeat', '1');
      expect(trials).toHaveLength(1);
      for (const trial of trials) expectBudgetsKept(trial);
      await awaitHealthy(lab, 60);
    },
  );
});

describe('five times', () => {
  test.each(partitions)('%s: its budgets are kept whatever the timers were at', async (fault) => {
    const trials = await trialsOf(lab, fault, '--repeat', '5');
    expect(trials).toHaveLength(5);
    for (const trial of trials) expectBudgetsKept(trial);
  });
});

describe('a drill that is killed in the middle leaves hosts that heal by themselves', () => {
  const everyHost = (line: string, names: readonly string[]) => async () => {
    for (const host of names) await untilSo(`${host}: ${line}`, () => lab.on(host, line));
  };
  const isOff = (names: readonly string[]) => async () => {
    for (const host of names) {
      await untilSo(`${host} is off`, async () => {
        const { output } = await lab.must('lab status');
        if (!new RegExp(`^${host} +\\S+ +\\S+ +off\\b`, 'm').test(output)) throw new Error(output);
      });
    }
  };
  const cut = 'nft list table netdev mcp_drill >/dev/null';
  const stopped = '! systemctl is-active --quiet mariadb';

  test.each([
    ...partitions.map((fault) => ({ fault, isBroken: someHostIsCutOff, within: 240, isSeen: false })),
    {
      fault: 'galera-writer-disk-full',
      isBroken: () => untilSo('a disk is full', aDiskIsFull),
      within: 240,
    },
    { fault: 'galera-joiner-killed', isBroken: () => sleep(10_000), within: 300 },
    { fault: 'galera-donor-killed', isBroken: () => sleep(10_000), within: 300 },
    { fault: 'galera-all-stopped', isBroken: everyHost(stopped, databases), within: 360 },
    { fault: 'database-hosts-power-cut', isBroken: isOff(databases), within: 360 },
    { fault: 'everything-power-cut', isBroken: isOff(hosts), within: 360 },
    { fault: 'everything-shut-down', isBroken: isOff(hosts), within: 720 },
  ])('$fault', async ({ within, ...killed }) => {
    await expectToHealAfterKill(lab, hosts, { ...killed, healthyWithinSeconds: within });
  });

  test('everything-shut-down, killed when the first host is down: the others stay up', async () => {
    await expectToHealAfterKill(lab, hosts, {
      fault: 'everything-shut-down',
      isBroken: isOff(['ctl01']),
      healthyWithinSeconds: 600,
    });
  });

  /** Asked over ssh, which is spared. */
  function someHostIsCutOff(): Promise<void> {
    return untilSo('a host is cut off', async () => {
      const found = await Promise.allSettled(hosts.map((host) => lab.on(host, cut)));
      if (!found.some(({ status }) => status === 'fulfilled')) throw new Error('no host is');
    });
  }

  async function aDiskIsFull(): Promise<void> {
    const full = await Promise.allSettled(
      databases.map((host) => lab.on(host, 'test -e /var/lib/mysql/mcp-drill-filler.last')),
    );
    if (!full.some(({ status }) => status === 'fulfilled')) throw new Error('no disk is full');
  }
});

/** Tries until it succeeds; a drill takes half a minute before it breaks anything, and minutes for some. */
async function untilSo(what: string, attempt: () => Promise<unknown>): Promise<void> {
  const until = Date.now() + 300_000;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (Date.now() > until) throw new Error(`never so: ${what}`, { cause: error });
    }
    await sleep(500);
  }
}
