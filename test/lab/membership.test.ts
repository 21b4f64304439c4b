import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployedLab } from './support/deployed.ts';
import { holdersOf } from './support/hosts.ts';
import { type LabOf, labOf } from './support/mcp.ts';
import { bootSpares, labWith, leftOfOurs } from './support/members.ts';
import { isQuickMachine } from './support/quick-machine.ts';
import { awaitHealthy } from './support/steady.ts';
import { expectNothingFailed, underLoad } from './support/under-load.ts';

// The short form of what test/lab-long/membership.test.ts does with every role.
const inventory = 'inventories/lab.yaml';
const five = labOf(inventory);
const databases = ['ctl01', 'ctl02', 'ctl03'];
const publicVip = '10.77.0.102';
const testIfQuick = test.runIf(isQuickMachine());
let six: LabOf;
let booted: LabOf;

beforeAll(async () => {
  await deployedLab(inventory);
  booted = await bootSpares(['prx03']);
  six = await labWith(['prx03']);
  await awaitHealthy(five, 300);
});
// The files that come after this one know five hosts.
afterAll(async () => {
  await five.must('lab up');
  await awaitHealthy(five, 300);
});

testIfQuick('a proxy joins with one deploy and leaves with another, and no client notices', async () => {
  const joined = await underLoad(five, async () => {
    await six.must('deploy', '--yes');
  });
  await expectNothingFailed('prx03 joins', joined, five, databases);
  expect((await six.mcp('status')).exitCode).toBe(0);
  expect((await six.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);

  const plan = await five.mcp('plan');
  expect(plan.output).toMatch(/prx03 leaves: what it carries is handed over/);
  const left = await underLoad(five, async () => {
    await five.must('deploy', '--yes');
  });
  await expectNothingFailed('prx03 leaves', left, five, databases);
  expect((await five.mcp('status')).exitCode).toBe(0);
  expect((await five.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
  expect(await booted.on('prx03', leftOfOurs)).toBe('');
  expect(await holdersOf(booted, ['prx03'], publicVip)).toEqual([]);
});

testIfQuick(
  'a change goes through beside a dead host, what its quorum needs is refused, and it is caught up',
  async () => {
    await five.must('lab power-off', 'ctl02');
    const nginx = await labWith(
      [],
      (text) => `${text.replace('services:\n', 'services:\n  nginx: { hstsSeconds: 77 }\n')}`,
    );
    await nginx.must('deploy', '--yes', '--allow-unreachable', 'ctl02');
    const status = await nginx.mcp('status');
    expect(status.exitCode).toBe(8);
    expect(status.output).toMatch(/^✗ ctl02 does not answer/);
    expect(status.output.split('\n').length).toBeLessThanOrEqual(45);
    const galera = await labWith([], (text) =>
      text.replace('services:\n', 'services:\n  galera: { maxConnections: 4200 }\n'),
    );
    const refused = await galera.mcp('deploy', '--yes', '--allow-unreachable', 'ctl02');
    expect(refused.exitCode).toBe(11);
    await five.must('lab power-on', 'ctl02');
    await awaitHealthy(five, 300);
    await five.must('deploy', '--yes');
    expect((await five.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
  },
);

testIfQuick(
  'a blank machine with another host key takes the place of a host: one verb, one deploy, and no client notices',
  async () => {
    await five.must('lab replace', 'ctl02');
    const before = await five.mcp('deploy', '--yes');
    expect(before.exitCode).toBe(4);
    expect(before.output).toContain('mcp trust --replace ctl02');
    await five.must('trust', '--replace', 'ctl02', '--yes');
    const replaced = await underLoad(five, async () => {
      await five.must('deploy', '--yes');
    });
    await expectNothingFailed('ctl02 is replaced', replaced, five, databases);
    expect((await five.mcp('status')).exitCode).toBe(0);
    expect((await five.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
  },
);
