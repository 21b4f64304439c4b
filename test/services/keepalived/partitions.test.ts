import { expect, test } from 'vitest';
import type { Act, Fault } from '../../../src/model/fault.ts';
import { keepalived } from '../../../src/services/keepalived/index.ts';
import { localHost } from '../../execute/local-host.ts';
import { observed, observedHost } from '../../support/observed.ts';
import { aTopology, fiveHosts, instancesFor, threeHosts } from '../../support/topology.ts';

const topology = aTopology({ hosts: fiveHosts() });
const faults = keepalived.faults?.(instancesFor('keepalived', {}, topology.hosts), topology) ?? [];
const named = (name: string): Fault => {
  const fault = faults.find((each) => each.name === name);
  if (!fault) throw new Error(`no fault ${name}`);
  return fault;
};
const addressOf = (vip: string): string => topology.vips.find(({ name }) => name === vip)?.address ?? '';
const held = {
  ctl02: [addressOf('database')],
  prx01: [addressOf('public')],
  ctl01: [],
  ctl03: [],
  prx02: [],
};
const now = observed(...Object.entries(held).map(([host, addresses]) => observedHost(host, { addresses })));

const blowsOf = (name: string) =>
  Object.fromEntries((named(name).strike(now)?.blows ?? []).map(({ host, act }) => [host, scriptOf(act)]));
const scriptOf = (act: Act): string => (act.kind === 'script' ? act.break : '');
const firstWords = (script = ''): string => /^set -- (.*)$/m.exec(script)?.[1] ?? '';

test('two candidates are cut off from each other, and from nobody else', () => {
  const blows = blowsOf('partition-of-two-candidates');
  expect(Object.keys(blows)).toEqual(['ctl02', 'ctl03']);
  expect(firstWords(blows['ctl02'])).toBe('host0=10.77.0.13');
  expect(firstWords(blows['ctl03'])).toBe('host0=10.77.0.12');
  expect(Object.keys(blowsOf('partition-of-proxies'))).toEqual(['prx01', 'prx02']);
});

test('two are cut off from all the others by both ends, and only when that is named', () => {
  const fault = named('partition-two-against-three');
  const words = Object.fromEntries(
    Object.entries(blowsOf(fault.name)).map(([host, script]) => [host, firstWords(script)]),
  );
  const three = 'host0=10.77.0.11 host0=10.77.0.14 host0=10.77.0.15';
  const two = 'host0=10.77.0.12 host0=10.77.0.13';
  expect(words).toEqual({ ctl02: three, ctl03: three, ctl01: two, prx01: two, prx02: two });
  expect(fault).toMatchObject({ onlyByName: true, vipBudgets: { public: 80_000 } });
});

test('hosts are cut off in the networks that they share, and not where one has no neighbour', () => {
  const hosts = fiveHosts().map((host) =>
    host.roles.includes('proxy')
      ? {
          ...host,
          addresses: { ...host.addresses, public: host.addresses.management.replace('10.77.0', '192.0.2') },
          interfaces: { ...host.interfaces, public: 'bond0.120' },
        }
      : host,
  );
  const segmented = aTopology({ hosts });
  const of = (name: string) =>
    (keepalived.faults?.(instancesFor('keepalived', {}, hosts), segmented) ?? [])
      .filter((fault) => fault.name === name)
      .flatMap((fault) => fault.strike(now)?.blows ?? [])
      .map(({ host, act }) => `${host} ${firstWords(scriptOf(act))}`);
  expect(of('partition-of-proxies')).toEqual([
    'prx01 host0=10.77.0.15 bond0.120=192.0.2.15',
    'prx02 host0=10.77.0.14 bond0.120=192.0.2.14',
  ]);
  expect(of('partition-two-against-three')).toContain('prx01 host0=10.77.0.12 host0=10.77.0.13');
});

test('nobody is cut off while it is not clear who holds the VIP', () => {
  const twice = observed(
    observedHost('ctl01', { addresses: [addressOf('database')] }),
    observedHost('ctl02', { addresses: [addressOf('database')] }),
  );
  for (const name of ['partition-of-two-candidates', 'partition-from-all', 'partition-two-against-three'])
    expect(named(name).strike(twice)).toBeUndefined();
});

test('on three machines that carry every role, the proxies are on both sides', () => {
  const small = aTopology({ hosts: threeHosts() });
  const names = keepalived
    .faults?.(instancesFor('keepalived', {}, small.hosts), small)
    .map(({ name }) => name);
  expect(names).toContain('partition-of-proxies');
});

const ip = `#!/bin/sh
case "$*" in
  'neigh show to 10.77.0.13 dev host0') echo '10.77.0.13 lladdr 02:00:00:00:00:13 REACHABLE' ;;
  'neigh show to 10.77.0.12 dev host0') echo '10.77.0.12 lladdr 02:00:00:00:00:12 STALE' ;;
  'route get 10.77.0.1') echo '10.77.0.1 dev host0 src 10.77.0.11 uid 0' ;;
  'route get 192.0.2.7') echo '192.0.2.7 via 10.77.0.254 dev host0 src 10.77.0.11 uid 0' ;;
esac
`;

test('who is cut off is known by its network card; one that does not tell it refuses all', async () => {
  await using host = aHost();
  const connection = await host.fleet.connect('ctl02');
  const cut = blowsOf('partition-of-two-candidates')['ctl02'] ?? '';
  expect(await connection.run(cut)).toMatchObject({ exitCode: 0 });
  expect(host.read('rules')).toContain('elements = { 02:00:00:00:00:13 }');
  const refused = await connection.run(cut.replaceAll('10.77.0.13', '10.77.0.11'));
  expect(refused).toMatchObject({
    exitCode: 1,
    stderr: '10.77.0.11 does not tell which network card it has in the network of host0: nothing was cut\n',
  });
});

test.each([
  ['partition-from-all', ['ingress', 'egress']],
  ['partition-hears-nothing', ['ingress']],
  ['partition-is-not-heard', ['egress']],
])('%s spares whoever is logged in', async (name, hooks) => {
  await using host = aHost();
  const connection = await host.fleet.connect('ctl02');
  const login = "SSH_CONNECTION='10.77.0.1 40000 10.77.0.12 22'\n";
  const cut = blowsOf(name)['ctl02'] ?? '';
  expect(await connection.run(login + cut)).toMatchObject({ exitCode: 0 });
  const rules = host.read('rules');
  expect([...rules.matchAll(/hook (\w+) device "host0".* policy drop/g)].map(([, hook]) => hook)).toEqual(
    hooks,
  );
  const spared = {
    ingress: [
      'ip saddr 10.77.0.1 ip daddr 10.77.0.12 tcp dport 22 accept',
      'arp saddr ip 10.77.0.1 arp daddr ip 10.77.0.12 accept',
    ],
    egress: [
      'ip saddr 10.77.0.12 ip daddr 10.77.0.1 tcp sport 22 accept',
      'arp saddr ip 10.77.0.12 arp daddr ip 10.77.0.1 accept',
    ],
  };
  for (const hook of ['ingress', 'egress'] as const)
    for (const rule of spared[hook]) expect(rules.includes(rule)).toBe(hooks.includes(hook));
});

test('behind sudo, whoever is logged in is found among the sessions, and a router is asked for like a neighbour', async () => {
  await using host = aHost();
  const connection = await host.fleet.connect('ctl02');
  const cut = blowsOf('partition-from-all')['ctl02'] ?? '';
  host.program('ss', '#!/bin/sh\n');
  const alone = await connection.run(`SSH_CONNECTION=\n${cut}`);
  expect(alone.stderr).toContain('nobody is logged in by ssh');
  expect(host.exists('rules')).toBe(false);
  host.program(
    'ss',
    `#!/bin/sh
echo '0 0 [::ffff:10.77.0.12]:22 [::ffff:192.0.2.7]:50000 users:(("sshd",pid=9,fd=4))'
echo '0 0 10.77.0.12:3306 10.77.0.13:50001 users:(("mariadbd",pid=8,fd=4))'
`,
  );
  expect(await connection.run(`SSH_CONNECTION=\n${cut}`)).toMatchObject({ exitCode: 0 });
  const rules = host.read('rules');
  expect(rules).toContain('ip saddr 192.0.2.7 ip daddr 10.77.0.12 tcp dport 22 accept');
  expect(rules).toContain('arp saddr ip 10.77.0.254 arp daddr ip 10.77.0.12 accept');
  expect(rules).not.toContain('10.77.0.13');
});

function aHost() {
  const host = localHost();
  host.program('ip', ip);
  host.program('nft', '#!/bin/sh\ncat >"$LAB/rules"\n');
  return host;
}
