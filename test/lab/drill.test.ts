import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { deployedLab } from './support/deployed.ts';
import { expectToHealAfterKill } from './support/killed-drill.ts';
import type { LabOf } from './support/mcp.ts';
import { awaitHealthy } from './support/steady.ts';

const inventory = 'inventories/lab.yaml';
const hosts = ['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02'];
let lab: LabOf;

beforeAll(async () => {
  lab = await deployedLab(inventory);
  await awaitHealthy(lab, 120);
});

test('a drill that is killed in the middle of its fault leaves hosts that heal by themselves', async () => {
  // Told right before it is done; what is armed heals it 15 s later at the earliest.
  const isBroken = () => sleep(2000);
  await expectToHealAfterKill(lab, hosts, { fault: 'galera-writer-frozen', isBroken });
});

test('with every core busy and nothing broken, no VIP moves, no database view changes, no broker is lost', async () => {
  const { exitCode, output } = await lab.mcp('failover-drill', '--steady', '60', '--saturate');
  expect(output).toContain('PASS');
  expect(exitCode).toBe(0);
});
