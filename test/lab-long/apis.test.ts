import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchApis } from '../lab/support/api-watch.ts';
import { openBrowser } from '../lab/support/browser-session.ts';
import { delaysWithoutCaches, makeWhatPagesShow } from '../lab/support/dashboard.ts';
import { deployedLab } from '../lab/support/deployed.ts';
import { type LabOf, labOf } from '../lab/support/mcp.ts';
import { asAdministrator } from '../lab/support/openstack-client.ts';
import { apisDuringPowerCut, longestOutages } from '../lab/support/power-cut.ts';
import { rotationDuring } from '../lab/support/rotation.ts';
import { administratorPassword, publicSeat } from '../lab/support/seat.ts';
import { awaitHealthy } from '../lab/support/steady.ts';

const inventory = 'inventories/lab.yaml';
let lab: LabOf;

beforeAll(async () => {
  lab = await deployedLab(inventory);
  await awaitHealthy(lab, 180);
});

afterAll(async () => {
  await labOf(inventory).must('lab down');
});

test.each(['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02'])(
  '%s loses its power: clients get their tokens and lists again within seconds, and all comes back by itself',
  async (host) => {
    const client = { ...publicSeat, password: await administratorPassword() };
    const seen = await apisDuringPowerCut(lab, { machine: host, client, healthyWithinSeconds: 300 });
    // A proxy takes the VIP with it, a control host the backends of every API; nothing later may last longer either.
    const longest = host.startsWith('prx') ? 2000 : 3000;
    for (const { name, attempts } of seen.series) expect(attempts, name).toBeGreaterThan(100);
    for (const [name, outage] of Object.entries(longestOutages(seen)))
      expect(outage, name).toBeLessThan(longest);
  },
);

test.each([
  ['that hangs', 'systemctl kill -s STOP keystone', 'systemctl kill -s CONT keystone'],
  [
    'that has lost its database and still answers',
    `nft "add table ip seen_cut; add chain ip seen_cut output { type filter hook output priority 0; }; \
      add rule ip seen_cut output meta skuid keystone ip daddr 10.77.0.101 drop"`,
    'nft delete table ip seen_cut',
  ],
])(
  'an API %s leaves the rotation within seconds and returns when it is well, and its clients see no more than that',
  async (what, disturb, mend) => {
    const watched = await watchApis({
      ...publicSeat,
      password: await administratorPassword(),
      only: ['token'],
    });
    const { leftAfter, backAfter } = await rotationDuring(lab, {
      server: 'keystone/ctl02',
      observer: 'ctl01',
      host: 'ctl02',
      disturb,
      mend,
      seconds: 12,
    });
    const seen = await watched.finish();
    console.log(`${what}: ${JSON.stringify({ leftAfter, backAfter, ...seen })}`);
    expect(leftAfter).toBeLessThan(3);
    expect(backAfter).toBeLessThan(20);
    // From the first question that met it to the last one: what fails later, at its return too, is counted in.
    const ends = seen.series.flatMap(({ outages }) =>
      outages.flatMap(({ from, milliseconds }) => [from, from + milliseconds]),
    );
    expect(Math.max(0, ...ends) - Math.min(...ends, Number.POSITIVE_INFINITY)).toBeLessThan(3000);
    await awaitHealthy(lab, 120);
  },
);

test('keys that seal tokens are rotated, and no token fails or comes late meanwhile', async () => {
  const watched = await watchApis({
    ...publicSeat,
    password: await administratorPassword(),
    only: ['checked token'],
  });
  await sleep(5000);
  await lab.must('secrets rotate', 'fernet', '--anyway');
  await lab.must('deploy', '--yes');
  await sleep(5000);
  const { series } = await watched.finish();
  console.log(`rotation of keys: ${JSON.stringify(series)}`);
  expect(series.map(({ failures }) => failures)).toEqual([{}]);
  expect(series[0]?.attempts).toBeGreaterThan(50);
});

test('without any one memcached no page of a session takes longer than 1.5 s more', async () => {
  await makeWhatPagesShow(await asAdministrator(lab, 'ctl01'));
  await using browser = await openBrowser(publicSeat);
  await browser.signIn('admin', await administratorPassword());
  const delays = await delaysWithoutCaches(lab, browser);
  console.log(`milliseconds more without a memcached: ${JSON.stringify(delays)}`);
  expect(Math.max(...Object.values(delays))).toBeLessThan(1500);
  await awaitHealthy(lab, 120);
});
