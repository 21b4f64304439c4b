import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchApis } from '../lab/support/api-watch.ts';
import { deployedLab } from '../lab/support/deployed.ts';
import { type LabOf, mustSucceed, root } from '../lab/support/mcp.ts';
import { asAdministrator } from '../lab/support/openstack-client.ts';
import { administratorPassword, publicSeat } from '../lab/support/seat.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { variantOf } from '../lab/support/variant.ts';

const recorder = { name: 'sec01', address: '10.77.0.20' };
const controls = ['ctl01', 'ctl02', 'ctl03'];
let lab: LabOf;

/** The lab with a sixth host, to which everything between load balancers and servers is copied. */
beforeAll(async () => {
  await mustSucceed('secrets', 'init', '-i', 'inventories/lab.yaml');
  await mustSucceed('certs', 'init', '-i', 'inventories/lab.yaml');
  const { inventory } = await variantOf(
    'inventories/lab.yaml',
    (text) =>
      `${text.replace(
        'lab: { name: mcp-lab,',
        `lab: { name: mcp-lab, recorder: { name: ${recorder.name}, address: ${recorder.address} },`,
      )}\ninspection: { address: ${recorder.address}, interface: host0 }\n`,
  );
  lab = await deployedLab(inventory);
  await awaitHealthy(lab, 180);
});

afterAll(async () => {
  await lab.must('lab down');
});

test('every request over TLS to the VIP and its reply are seen in cleartext, each once, the local backend included', async () => {
  const admin = await asAdministrator(lab, 'ctl01');
  const token = (await admin('token issue -f value -c id')).trim();
  await lab.on(recorder.name, 'truncate -s 0 /var/log/lab-record');
  const marks = Array.from({ length: 12 }, (_, index) => `seen-${index}-mark`);
  for (const mark of marks) {
    const reply = await lab.on(
      'prx01',
      `curl -sS -H 'X-Auth-Token: ${token}' https://cloud.lab:5000/v3/users/${mark}`,
    );
    expect(reply).toContain(mark);
  }
  await sleep(2000);
  const recorded = await lab.on(recorder.name, `grep -a '[0-9] > [0-9]\\|-mark' /var/log/lab-record`);
  for (const mark of marks) {
    expect(recorded.split(`GET /v3/users/${mark} `).length - 1, `requests ${mark}`).toBe(1);
    expect(recorded.split(`Could not find user: ${mark}`).length - 1, `replies ${mark}`).toBe(1);
  }
  const served = [...recorded.matchAll(/([\d.]+):\d+ > ([\d.]+):5000 \d+\nGET \/v3\/users\/seen/g)];
  expect(new Set(served.map(([, , server]) => server))).toEqual(
    new Set(['10.77.0.11', '10.77.0.12', '10.77.0.13']),
  );
  // The load balancer that carries the VIP speaks to its own server as well, and that never reaches a wire.
  expect(served.some(([, client, server]) => client === server)).toBe(true);
});

test('with the inspecting host gone no request fails or takes longer, in five interleaved pairs', async () => {
  const ratios = await pairs(5);
  expect(median(ratios), JSON.stringify(ratios)).toBeLessThan(1.2);
});

test('a copy that blocks would be noticed by that', async () => {
  const program = await readFile(join(root, 'test/lab/support/blocking-copy.py'), 'utf8');
  const setServers = (port: number) =>
    controls
      .map((host, index) => `set server keystone/${host} addr 10.77.0.1${index + 1} port ${port}`)
      .map((line) => `echo '${line}' | socat - /run/haproxy-api/admin.sock`)
      .join('; ');
  for (const [index, host] of controls.entries()) {
    const words = `10.77.0.1${index + 1} 5999 5000 ${recorder.address}`;
    await lab.on(
      host,
      `cat >/run/blocking-copy.py <<'E'\n${program}\nE\nsystemd-run --unit blocking-copy python3 /run/blocking-copy.py ${words}`,
    );
  }
  try {
    for (const host of controls) await lab.on(host, setServers(5999));
    const ratios = await pairs(1);
    expect(median(ratios), JSON.stringify(ratios)).toBeGreaterThan(1.2);
  } finally {
    for (const host of controls) {
      await lab.on(host, setServers(5000));
      await lab.on(host, 'systemctl stop blocking-copy');
    }
  }
});

/** For each pair: the 99th percentile without the inspecting host over that with it, under the same load. */
async function pairs(count: number): Promise<readonly number[]> {
  const ratios: number[] = [];
  for (let number = 0; number < count; number += 1) {
    const order = number % 2 === 0 ? (['on', 'off'] as const) : (['off', 'on'] as const);
    const p99 = { on: 0, off: 0 };
    for (const power of order) {
      await lab.must(`lab power-${power}`, recorder.name);
      await sleep(6000);
      p99[power] = await p99UnderLoad();
    }
    console.log(`inspecting host on ${p99.on.toFixed(1)} ms, off ${p99.off.toFixed(1)} ms`);
    ratios.push(p99.off / p99.on);
  }
  await lab.must('lab power-on', recorder.name);
  return ratios;
}

async function p99UnderLoad(): Promise<number> {
  const watched = await watchApis({
    ...publicSeat,
    password: await administratorPassword(),
    only: ['version'],
    intervalMilliseconds: 40,
  });
  await sleep(30_000);
  const { series } = await watched.finish();
  expect(series[0]?.attempts).toBeGreaterThan(500);
  expect(series[0]?.failures).toEqual({});
  return series[0]?.answered.p99 ?? Number.NaN;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
