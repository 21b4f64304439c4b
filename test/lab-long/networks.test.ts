import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshLab } from '../lab/support/deployed.ts';
import { firstStartsOn, startedByScripts } from '../lab/support/first-starts.ts';
import { holdersOf, onEach } from '../lab/support/hosts.ts';
import { type LabOf, labOf } from '../lab/support/mcp.ts';
import { apisDuringPowerCut, longestOutages } from '../lab/support/power-cut.ts';
import { administratorPassword, networksSeat } from '../lab/support/seat.ts';
import { awaitHealthy, watchedWhile } from '../lab/support/steady.ts';
import { labAtTerminal } from '../lab/support/terminal.ts';

const inventory = 'inventories/networks.yaml';
const control = ['ctl01', 'ctl02', 'ctl03'];
const proxies = ['prx01', 'prx02'];
const hosts = [...control, ...proxies];
/** Which hosts may have which VIP. */
const vips = [
  { address: '10.81.1.100', candidates: control },
  { address: '10.81.1.101', candidates: control },
  { address: '10.81.2.102', candidates: proxies },
];
let lab: LabOf;

beforeAll(async () => {
  await freshLab(inventory);
  lab = labAtTerminal(inventory, 'lab');
});

afterAll(async () => {
  await labOf(inventory).must('lab down');
});

test('its hosts are as unkind as they are said to be', async () => {
  expect(await onEach(lab, hosts, 'findmnt -no OPTIONS /run | grep -o noexec')).toEqual(
    Object.fromEntries(hosts.map((host) => [host, 'noexec'])),
  );
  const cannot = 'cp /bin/true /tmp/true-of-test && ! /tmp/true-of-test 2>/dev/null && echo refused';
  expect(await lab.on('ctl03', cannot)).toBe('refused');
  expect(await lab.on('ctl01', 'ls /of/nobody 2>&1 || true')).toContain('nicht möglich');
  expect(await lab.on('ctl01', 'getent hosts ctl01 | cut -d " " -f 1')).toBe('127.0.1.1');
  expect(await lab.on('prx01', 'getent passwd operator | cut -d : -f 7')).toBe('/usr/bin/fish');
});

test('bare machines of several networks are healthy after one run, and the second has nothing to do', async () => {
  await lab.must('deploy', '--yes');
  expect(await lab.mcp('status')).toMatchObject({ exitCode: 0 });
  expect(await lab.mcp('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
});

test('the kernel keeps two names of a card, and the way out of a host is that of its clients', async () => {
  expect(await lab.on('ctl03', 'ip -o link show dev enp94s0f0np0 | cut -d " " -f 2')).toMatch(/^eno1@/);
  const roads = await onEach(lab, ['ctl01', 'prx01'], 'ip route show default');
  expect(roads['ctl01']).toContain('via 10.81.0.1 dev br-mgmt');
  expect(roads['prx01']).toContain('via 10.81.2.1 dev br-ext');
});

test('no daemon was started by the script of its package, though nothing below /run can be executed', async () => {
  for (const host of hosts) {
    const starts = await firstStartsOn(lab, host);
    expect(starts.installations.length, host).toBeGreaterThan(0);
    // The account is whole: what mcp has started later is in it.
    expect([...starts.started.keys()], host).toContain('keepalived.service');
    expect(startedByScripts(starts), host).toEqual([]);
    expect(await lab.on(host, 'ls /usr/sbin/policy-rc.d* /run/mcp-policy-rc.d 2>/dev/null || true')).toBe('');
  }
});

test.each(hosts)(
  '%s loses its power: each VIP moves to one other host, clients beyond the router go on within seconds, and all comes back',
  async (host) => {
    const client = {
      ...networksSeat,
      password: await administratorPassword('networks'),
      // With one token: who comes from beyond the router signs in no more than once a second.
      only: ['project list', 'image list', 'network list', 'server list'],
    };
    const seen = await apisDuringPowerCut(lab, {
      machine: host,
      client,
      healthyWithinSeconds: 300,
      meanwhile: async () => {
        for (const { address, candidates } of vips) {
          const left = candidates.filter((candidate) => candidate !== host);
          expect(await holdersOf(lab, left, address), address).toHaveLength(1);
        }
      },
    });
    // The same as with one network and no router (apis.test.ts).
    const longest = host.startsWith('prx') ? 2000 : 3000;
    for (const { name, attempts } of seen.series) expect(attempts, name).toBeGreaterThan(100);
    for (const [name, outage] of Object.entries(longestOutages(seen)))
      expect(outage, name).toBeLessThan(longest);
  },
);

test('the writer loses its power: no row that was acknowledged and no message that was confirmed is lost', async () => {
  const [writer = ''] = await holdersOf(lab, control, '10.81.1.101');
  const seen = await watchedWhile(lab, 75, async () => {
    await lab.must('lab power-off', writer);
    await sleep(20_000);
    await lab.must('lab power-on', writer);
  });
  await awaitHealthy(lab, 300);
  expect([seen.rows.lost, seen.messages.lost]).toEqual([[], []]);
  for (const { name, attempts, outageMilliseconds } of seen.series) {
    expect(attempts, name).toBeGreaterThan(1000);
    // As on the reference architecture (reference.test.ts).
    expect(outageMilliseconds, name).toBeLessThan(15_000);
  }
});
