import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { expectAllRows, killOneAfterTheOther, stopInOrder } from '../lab/support/database-outages.ts';
import { encryptedLabs } from '../lab/support/encryption.ts';
import { batchBegins, killedAndTakenUp } from '../lab/support/killed-deploy.ts';
import type { LabOf } from '../lab/support/mcp.ts';
import { publicSeat } from '../lab/support/seat.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { watchStore } from '../lab/support/store-watch.ts';
import { expectNothingFailed, underLoad } from '../lab/support/under-load.ts';

// What is switched to TLS and back may be killed in the middle, and members that speak it may all go down at once.
const { plain, both, encrypted } = encryptedLabs('inventories/lab.yaml');
const databases = ['ctl01', 'ctl02', 'ctl03'];
const hosts = [...databases, 'prx01', 'prx02'];

/** Milliseconds: what is begun twice takes twice as long, on two cores. */
const twoDeploys = 1_800_000;

const hop = (what: string, to: () => LabOf, clients: () => LabOf, dies: string) =>
  test(
    `${what} and killed as ${dies} changes, the next deploy completes it: no request fails in either`,
    async () => {
      const seen = await underLoad(clients(), async () => {
        await killedAndTakenUp(to(), { fits: batchBegins(dies), withinMilliseconds: 4000 });
      });
      await expectNothingFailed(what, seen, plain, databases);
      await awaitHealthy(to(), 120);
      expect((await to().mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
    },
    twoDeploys,
  );

hop('TLS beside plain text', both, () => plain, 'Galera on ctl02');
hop('TLS alone', encrypted, encrypted, 'RabbitMQ on ctl02');

test.each([
  ['are stopped in order and started again', () => stopInOrder(plain, databases)],
  ['are killed at different moments', () => killOneAfterTheOther(plain, databases)],
])('all encrypted members %s: recovered, every acknowledged row is there', async (what, breakThem) => {
  const watcher = await watchStore(encrypted().inventory, publicSeat.namespace);
  await sleep(5000);
  await breakThem();
  expect((await encrypted().mcp('deploy', '--yes')).exitCode).toBe(11);
  const began = Date.now();
  await encrypted().must('recover', '--yes');
  await awaitHealthy(encrypted(), 120);
  const seconds = Math.round((Date.now() - began) / 1000);
  await expectAllRows(
    plain,
    databases,
    await watcher.finish(),
    `${what}: healthy ${seconds} s after recover began`,
  );
});

test('the power of all hosts is cut and comes back: what is encrypted heals by itself', async () => {
  const watcher = await watchStore(encrypted().inventory, publicSeat.namespace);
  await sleep(5000);
  for (const host of hosts) await plain.must('lab power-off', host);
  await Promise.all(hosts.map((host) => plain.must('lab power-on', host)));
  const began = Date.now();
  await awaitHealthy(encrypted(), 240);
  await expectAllRows(
    plain,
    databases,
    await watcher.finish(),
    `healthy ${Math.round((Date.now() - began) / 1000)} s after`,
  );
});

hop('TLS beside plain text again', both, encrypted, 'Galera on ctl03');
hop(
  'plain text alone again',
  () => plain,
  () => plain,
  'RabbitMQ on ctl03',
);
