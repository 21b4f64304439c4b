import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployedLab } from '../lab/support/deployed.ts';
import { holdersOf } from '../lab/support/hosts.ts';
import { type LabOf, labOf } from '../lab/support/mcp.ts';
import { bootSpares, labWith, leftOfOurs, type Spare } from '../lab/support/members.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { expectNothingFailed, underLoad } from '../lab/support/under-load.ts';

const inventory = 'inventories/lab.yaml';
const five = labOf(inventory);
const databases = ['ctl01', 'ctl02', 'ctl03'];
const hosts = [...databases, 'prx01', 'prx02'];
const vips = { control: '10.77.0.100', database: '10.77.0.101', public: '10.77.0.102' };
const spares: readonly Spare[] = ['prx03', 'ctl04', 'msg05', 'dbs04', 'dbs05'];
let booted: LabOf;

beforeAll(async () => {
  await deployedLab(inventory);
  booted = await bootSpares(spares);
  await awaitHealthy(five, 300);
});
afterAll(async () => {
  await five.must('lab down');
});

/**
 * One deploy of what `lab` says, under load; then it is healthy, there is nothing left to do, and every row is on each of
 * `members`.
 */
async function deployUnderLoad(
  what: string,
  lab: LabOf,
  {
    words = [],
    members = databases,
  }: { readonly words?: readonly string[]; readonly members?: readonly string[] } = {},
): Promise<void> {
  const seen = await underLoad(five, async () => {
    await lab.must('deploy', '--yes', ...words);
  });
  await expectNothingFailed(what, seen, booted, members);
  const status = await lab.mcp('status');
  expect(status.exitCode, status.output).toBe(0);
  expect((await lab.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
}

const rolesThatCome: readonly (readonly [string, readonly Spare[]])[] = [
  ['a proxy', ['prx03']],
  ['a control host, and two of messaging', ['ctl04', 'msg05']],
  ['two database members', ['dbs04', 'dbs05']],
];

test.each(rolesThatCome)(
  '%s: one deploy to come, one to leave, and nothing is left',
  async (what, members) => {
    await deployUnderLoad(`${what} comes`, await labWith(members));
    await deployUnderLoad(`${what} leaves`, five);
    for (const host of members) {
      expect(await booted.on(host, leftOfOurs)).toBe('');
      for (const address of Object.values(vips)) expect(await holdersOf(booted, [host], address)).toEqual([]);
    }
  },
);

test('a role moves from one host to another', async () => {
  const moved = await labWith(['dbs04'], (text) =>
    text.replace(
      '10.77.0.13 }, roles: [control, database, messaging]',
      '10.77.0.13 }, roles: [control, messaging]',
    ),
  );
  await deployUnderLoad('the database moves from ctl03 to dbs04', moved, {
    members: ['ctl01', 'ctl02', 'dbs04'],
  });
  await deployUnderLoad('and back', five);
});

test('who is dead is forgotten by name, and takes nothing when it returns with all that it had', async () => {
  const six = await labWith(['prx03']);
  await deployUnderLoad('prx03 comes', six);
  await booted.must('lab power-off', 'prx03');
  const refused = await five.mcp('deploy', '--yes');
  expect(refused.exitCode).toBe(4);
  expect(refused.output).toContain('--forget prx03');
  await deployUnderLoad('prx03 is forgotten', five, { words: ['--forget', 'prx03'] });
  await booted.must('lab power-on', 'prx03');
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    expect(await holdersOf(booted, ['prx03'], vips.public)).toEqual([]);
    await sleep(2000);
  }
  const status = await five.mcp('status');
  expect(status.exitCode).toBe(8);
  expect(status.output).toContain('prx03');
  await deployUnderLoad('what prx03 has is taken from it', five);
  expect(await booted.on('prx03', leftOfOurs)).toBe('');
});

test('a blank machine with another host key replaces a dead one: one verb, one deploy', async () => {
  await five.must('lab replace', 'ctl02');
  const before = await five.mcp('deploy', '--yes');
  expect(before.exitCode).toBe(4);
  expect(before.output).toContain('mcp trust --replace ctl02');
  await five.must('trust', '--replace', 'ctl02', '--yes');
  await deployUnderLoad('ctl02 is replaced', five);
});

test('beside a dead host Nginx, Keystone and HAProxy are changed, and what its quorum needs is refused', async () => {
  await five.must('lab power-off', 'ctl02');
  // What its death itself costs is not what is looked for here: the broker gives it up after 25 s (net_ticktime).
  await sleep(30_000);
  const changed = await labWith([], (text) =>
    text.replace(
      '  keystone: { ',
      '  nginx: { hstsSeconds: 77 }\n  haproxy: { maxConnections: 3500 }\n  keystone: { tokenMinutes: 50, ',
    ),
  );
  const seen = await underLoad(five, async () => {
    await changed.must('deploy', '--yes', '--allow-unreachable', 'ctl02');
  });
  await expectNothingFailed('beside a dead ctl02', seen, five, ['ctl01', 'ctl03']);
  const status = await changed.mcp('status');
  expect(status.exitCode).toBe(8);
  expect(status.output).toMatch(/^✗ ctl02 does not answer/);
  expect(status.output.split('\n').length).toBeLessThanOrEqual(45);
  for (const quorum of ['galera: { maxConnections: 4200 }', 'rabbitmq: { memoryWatermark: 0.39 }']) {
    const wanted = await labWith([], (text) => text.replace('services:\n', `services:\n  ${quorum}\n`));
    const refused = await wanted.mcp('deploy', '--yes', '--allow-unreachable', 'ctl02');
    expect(refused.exitCode, refused.output).toBe(11);
  }
  await five.must('lab power-on', 'ctl02');
  await awaitHealthy(changed, 300);
  await deployUnderLoad('ctl02 is caught up', five);
});

test('a foreign machine that takes the public VIP is found and named within one look', async () => {
  await booted.on('prx03', `ip addr add ${vips.public}/24 dev host0`);
  const card = await booted.on('prx03', 'cat /sys/class/net/host0/address');
  await sleep(3000);
  const status = await five.mcp('status');
  await booted.on('prx03', `ip addr del ${vips.public}/24 dev host0`);
  expect(status.exitCode).toBe(8);
  expect(status.output).toContain(card);
  await awaitHealthy(five, 60);
  expect((await holdersOf(five, hosts, vips.public)).length).toBe(1);
});

test('the holder of a VIP and of the writer goes into maintenance, through a power cycle and a deploy, and comes back', async () => {
  const writer = await writerOf(five);
  const changed = await labWith([], (text) =>
    text.replace('services:\n', 'services:\n  nginx: { hstsSeconds: 79 }\n'),
  );
  const seen = await underLoad(five, async () => {
    await five.must('maintenance enter', writer, '--yes', '--reason', 'new disks');
    expect((await five.must('maintenance list')).output).toContain('new disks');
    await five.must('lab power-off', writer);
    await changed.must('deploy', '--yes');
    await five.must('lab power-on', writer);
    await sleep(60_000);
    expect(await five.on(writer, carriedThere)).toBe('');
    await five.must('maintenance leave', writer, '--yes');
  });
  await expectNothingFailed(`${writer} in maintenance`, seen, five, databases);
  await deployUnderLoad(`${writer} is caught up`, five);
});

async function writerOf(lab: LabOf): Promise<string> {
  const { output } = await lab.must('status', '--verbose');
  const [, writer] = /^(ctl0\d) .*\bwriter\b/m.exec(output) ?? [];
  if (writer === undefined) throw new Error(`nobody is the writer:\n${output}`);
  return writer;
}

/** VIPs, sessions of the database's and the broker's clients, and workers; prints nothing where there are none. */
const carriedThere = `
ip -4 -o addr show | grep -oE '10\\.77\\.0\\.10[0-2]'
ss -Htn state established '( sport = :5672 or sport = :3306 )' | grep -v 127.0.0.1
systemctl is-active nova-conductor nova-scheduler neutron-rpc-server | grep -x active
true`;
