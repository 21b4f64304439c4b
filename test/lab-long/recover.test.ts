import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAllRows, killOneAfterTheOther, stopInOrder } from '../lab/support/database-outages.ts';
import { deployedLab } from '../lab/support/deployed.ts';
import { onEach } from '../lab/support/hosts.ts';
import { type LabOf, labOf, root } from '../lab/support/mcp.ts';
import { asAdministrator } from '../lab/support/openstack-client.ts';
import { publicSeat } from '../lab/support/seat.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { watchStore } from '../lab/support/store-watch.ts';

const inventory = 'inventories/lab.yaml';
const lab: LabOf = labOf(inventory);
const databases = ['ctl01', 'ctl02', 'ctl03'];
const hosts = [...databases, 'prx01', 'prx02'];

beforeAll(async () => {
  await deployedLab(inventory);
  await awaitHealthy(lab, 300);
});
afterAll(async () => {
  await lab.must('lab down');
});

/** A program is quick to say what it can't decide: nobody waits for minutes without a word. */
const atOnceMilliseconds = 10_000;

test('everything is cut and one database host never returns: deploy names recover, which brings tokens back', async () => {
  for (const host of hosts) await lab.must('lab power-off', host);
  await Promise.all(hosts.filter((host) => host !== 'ctl03').map((host) => lab.must('lab power-on', host)));
  // All that could heal by itself has.
  await sleep(90_000);
  const status = await lab.mcp('status');
  expect(status.output).toMatch(/Galera: ctl01 and ctl02 wait for ctl03, since \d+ min/);
  expect(status.output).toContain('`mcp recover --without ctl03` goes on without');
  const began = Date.now();
  const refused = await lab.mcp('deploy', '--yes');
  expect(Date.now() - began).toBeLessThan(atOnceMilliseconds);
  expect(refused.exitCode, refused.output).toBe(11);
  expect(refused.output).toContain('mcp recover --without ctl03');
  expect((await lab.mcp('recover', '--yes')).exitCode).toBe(11);
  const recovering = Date.now();
  await lab.must('recover', '--without', 'ctl03', '--yes');
  await tokenWithin(120_000, recovering);
  await lab.must('lab replace', 'ctl03');
  await lab.must('trust', '--replace', 'ctl03', '--yes');
  await lab.must('deploy', '--yes');
  await awaitHealthy(lab, 120);
});

const outages: readonly (readonly [string, () => Promise<void>])[] = [
  ['are stopped in order and started again', () => stopInOrder(lab, databases)],
  ['are killed at different moments', () => killOneAfterTheOther(lab, databases)],
  [
    'are stopped, and one has an empty grastate.dat',
    async () => {
      await stopInOrder(lab, databases, () => lab.on('ctl03', ': >/var/lib/mysql/grastate.dat'));
    },
  ],
  [
    'are stopped, and one has lost half of its data',
    async () => {
      await stopInOrder(lab, databases, () => lab.on('ctl02', 'truncate -s 3M /var/lib/mysql/ibdata1'));
    },
  ],
  [
    'are stopped, while what wants them is started again and again, as an API of Debian 13 may be',
    async () => {
      await stopInOrder(lab, databases, () => onEach(lab, databases, startWanting));
    },
  ],
];

/** A unit of a package that names servers in Wants= starts them whenever it is started itself. */
const startWanting =
  'systemd-run --quiet --unit=wanting -p Wants=mysql.service -p Wants=rabbitmq-server.service' +
  ' -p Restart=always -p RestartSec=1 -p StartLimitIntervalSec=0 /bin/true';

test.each(outages)(
  'all database members %s: recovered from the most advanced, every acknowledged row is there',
  async (what, breakThem) => {
    const watcher = await watchStore(inventory, publicSeat.namespace);
    await sleep(5000);
    await breakThem();
    const refused = await lab.mcp('deploy', '--yes');
    expect(refused.exitCode, refused.output).toBe(11);
    expect(refused.output).toContain('mcp recover');
    const began = Date.now();
    await lab.must('recover', '--yes');
    await awaitHealthy(lab, 120);
    const seconds = Math.round((Date.now() - began) / 1000);
    await expectAllRows(
      lab,
      databases,
      await watcher.finish(),
      `${what}: healthy ${seconds} s after recover began`,
    );
    await onEach(lab, databases, 'systemctl stop wanting 2>/dev/null || true');
    expect(await lab.on('ctl01', 'find /run/systemd/system -name mcp-held.conf')).toBe('');
  },
);

test('two that both say they left last are refused until one is named', async () => {
  await stopInOrder(lab, databases);
  for (const host of ['ctl01', 'ctl03']) {
    await lab.on(host, "sed -i 's/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/' /var/lib/mysql/grastate.dat");
  }
  const refused = await lab.mcp('recover', '--yes');
  expect(refused.exitCode, refused.output).toBe(11);
  expect(refused.output).toContain('`mcp recover --from ctl01` or `mcp recover --from ctl03`');
  await lab.must('recover', '--from', 'ctl01', '--yes');
  await awaitHealthy(lab, 120);
});

test('killed wherever it may be and run again, recover comes to the same', async () => {
  const watcher = await watchStore(inventory, publicSeat.namespace);
  for (const afterMilliseconds of [2000, 6000, 10_000, 14_000, 18_000].map(
    (each) => each + Math.random() * 4000,
  )) {
    await stopInOrder(lab, databases);
    const first = recovering();
    const ended = once(first, 'close');
    await sleep(afterMilliseconds);
    first.kill('SIGKILL');
    // One that had nothing left to do shows nothing.
    expect(await ended).toEqual([null, 'SIGKILL']);
    await sleep(1000);
    const second = await lab.mcp('recover', '--yes');
    // What the killed run had begun on a host goes on there.
    if (second.exitCode === 5) {
      await sleep(30_000);
      await lab.must('recover', '--yes');
    } else expect(second.exitCode, second.output).toBe(0);
    await awaitHealthy(lab, 180);
  }
  await expectAllRows(lab, databases, await watcher.finish(), 'killed five times');
});

test('RabbitMQ has stopped in order and the last one is gone for good: what had a copy is there', async () => {
  const watcher = await watchStore(inventory, publicSeat.namespace);
  await sleep(5000);
  await lab.on('ctl01', 'systemctl stop rabbitmq-server');
  await sleep(2000);
  const alone = Date.now();
  await lab.on('ctl02', 'systemctl stop rabbitmq-server');
  await sleep(2000);
  await lab.on('ctl03', 'systemctl stop rabbitmq-server');
  const secondsAlone = (Date.now() - alone) / 1000;
  await lab.must('lab power-off', 'ctl03');
  const refused = await lab.mcp('deploy', '--yes', '--allow-unreachable', 'ctl03');
  expect(refused.exitCode, refused.output).toBe(11);
  expect(refused.output).toContain('mcp recover --without ctl03');
  const recovered = await lab.must('recover', '--without', 'ctl03', '--yes');
  expect(recovered.output).toContain('messages that only ctl03 has');
  // A queue that ctl03 led last is kept for it, until it is known to be gone for good: then the copy that is left leads.
  await lab.must('lab replace', 'ctl03');
  await lab.must('trust', '--replace', 'ctl03', '--yes');
  await lab.must('deploy', '--yes');
  await awaitHealthy(lab, 300);
  const seen = await watcher.finish();
  console.log(
    `RabbitMQ: ${seen.confirmed} confirmed, lost ${JSON.stringify(seen.lostMessages)}, ctl03 alone for ${secondsAlone} s`,
  );
  expect(seen.confirmed).toBeGreaterThan(10);
  // Only ctl03 had those that it took since the one before it began to stop: five a second, and one under way.
  expect(seen.lostMessages.length).toBeLessThanOrEqual(Math.ceil(secondsAlone * 5) + 1);
  // In one piece: whatever was confirmed before has a copy on ctl02.
  const [first = 0] = seen.lostMessages;
  expect(seen.lostMessages).toEqual(seen.lostMessages.map((_, index) => first + index));
});

test('a member of RabbitMQ that was given up returns with what it had: that is put aside, and it joins', async () => {
  const watcher = await watchStore(inventory, publicSeat.namespace);
  await sleep(5000);
  for (const host of databases) await lab.on(host, 'systemctl stop rabbitmq-server');
  await lab.must('lab power-off', 'ctl03');
  await lab.must('recover', '--without', 'ctl03', '--yes');
  await lab.must('lab power-on', 'ctl03');
  await awaitHealthy(lab, 300);
  expect(await lab.on('ctl03', 'ls -d /var/lib/rabbitmq/mnesia/rabbit@ctl03.aside.1/msg_stores')).toContain(
    'aside',
  );
  const { confirmed, lostMessages } = await watcher.finish();
  console.log(`RabbitMQ: ${confirmed} confirmed, lost ${JSON.stringify(lostMessages)}`);
  expect(lostMessages.length).toBeLessThanOrEqual(50);
});

const recovering = (): ChildProcess =>
  spawn(`${root}bin/mcp`, ['recover', '-i', inventory, '--yes'], {
    cwd: root,
    env: { ...process.env, CI: 'true' },
    stdio: 'ignore',
  });

async function tokenWithin(milliseconds: number, since: number): Promise<void> {
  const client = await asAdministrator(lab, 'ctl01');
  for (;;) {
    const failure = await client('token issue').then(
      () => undefined,
      (reason: Error) => reason,
    );
    if (failure === undefined) break;
    if (Date.now() - since > milliseconds) throw failure;
    await sleep(1000);
  }
  console.log(`tokens are back ${Math.round((Date.now() - since) / 1000)} s after recover began`);
}
