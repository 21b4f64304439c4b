import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { preflightChecks, preflightProbes } from '../../src/health/index.ts';
import { observed, observedHost, unreachableHost } from '../support/observed.ts';
import { wholeTopology } from '../support/openstack.ts';
import { aTopology, fiveHosts, hostNamed } from '../support/topology.ts';

const hosts = [1, 2].map((number) =>
  hostNamed(`dbs0${number}`, { address: `127.0.0.${number}`, roles: ['database'] }),
);
const reason = 'write sets';
const rooms = [
  { host: 'dbs01', path: '/var/lib/mysql', mebibytes: 2048, reason },
  { host: 'dbs01', path: '/var/lib/rabbitmq', mebibytes: 1024, reason: 'messages' },
];
const topology = { ...aTopology({ hosts, vips: [] }), rooms };

const found = (name: string, said: Readonly<Record<string, string>>) =>
  preflightChecks(topology)
    .filter((check) => check.name === name)
    .flatMap((check) =>
      check.judge(
        observed(
          observedHost('dbs01', { probes: said }),
          observedHost('dbs02', {
            probes: { 'preflight.fitness': 'looked\n', 'preflight.room': 'looked\n' },
          }),
        ),
      ),
    )
    .map(({ severity, hosts: [host], message }) => `${severity} ${host}: ${message}`);

test('what a host would refuse is told with what to do', () => {
  const said = (...lines: readonly string[]) => ({
    'preflight.fitness': [...lines, 'looked', ''].join('\n'),
  });
  expect(found('preflight.fitness', said('system debian bookworm', 'sessions 10'))).toEqual([]);
  expect(
    found(
      'preflight.fitness',
      said(
        'system ubuntu jammy',
        'without systemd',
        'without perl',
        'read-only /etc',
        'apt The list of sources could not be read.',
        'unfinished mariadb-server',
      ),
    ),
  ).toEqual([
    'red dbs01: runs ubuntu jammy, and the inventory says debian bookworm',
    'red dbs01: is not run by systemd',
    'red dbs01: has no perl',
    'red dbs01: /etc can not be written to',
    'red dbs01: apt refuses: The list of sources could not be read.',
    'red dbs01: has half-installed packages: mariadb-server',
  ]);
});

test('an sshd that takes few sessions on one connection is a warning', () => {
  const said = (sessions: number) => ({ 'preflight.fitness': `sessions ${sessions}\nlooked\n` });
  expect(found('preflight.sessions', said(10))).toEqual([]);
  expect(found('preflight.sessions', said(1))).toMatchObject([
    expect.stringMatching(/^warning dbs01: allows 1 sessions on one connection \(MaxSessions\)/),
  ]);
  expect(found('preflight.sessions', { 'preflight.fitness': 'sessions unknown\nlooked\n' })).toMatchObject([
    expect.stringMatching(/^warning dbs01: does not tell how many sessions/),
  ]);
});

test('services that share a file system need what all of them do, and those on their own what they do', () => {
  const gibibytes = (free: number) => free * 1024 ** 3;
  const room = (...lines: readonly string[]) => ({ 'preflight.room': [...lines, 'looked', ''].join('\n') });
  const each = (mysql: number, rabbitmq: number, isShared: boolean) =>
    room(
      `1 ${gibibytes(mysql)} /var/lib/mysql`,
      `${isShared ? 1 : 2} ${gibibytes(rabbitmq)} /var/lib/rabbitmq`,
    );
  expect(found('preflight.room', each(3, 3, true))).toEqual([]);
  expect(found('preflight.room', each(2, 1, false))).toEqual([]);
  expect(found('preflight.room', each(2, 2, true))).toEqual([
    'red dbs01: has 2.0 GiB free where the data will lie, and needs 3.0: /var/lib/mysql 2.0 GiB (write sets), /var/lib/rabbitmq 1.0 GiB (messages)',
  ]);
});

test('a host that is silent and a probe that failed are red in every check that looks at hosts, though others are well', () => {
  const now = observed(observedHost('dbs01'), unreachableHost('dbs02'));
  const results = preflightChecks(topology).filter(({ name }) => !/\.(vips|vrrp|reachable)$/.test(name));
  for (const check of results) {
    const told = check.judge(now).map(({ hosts: blamed }) => blamed.join());
    const asksItself = !/\.(clock|addresses|disk|memory)$/.test(check.name);
    expect([check.name, told.includes('dbs02'), told.includes('dbs01')]).toEqual([
      check.name,
      true,
      asksItself || check.name === 'preflight.addresses',
    ]);
  }
});

test('the probes say what there is on this machine, and that they have looked', async () => {
  const [host] = hosts;
  if (!host) throw new Error('no host');
  const probes = preflightProbes(topology, host);
  const saidBy = async (name: string) => {
    const script = probes.find((probe) => probe.name === name)?.script ?? 'exit 9';
    return (await promisify(execFile)('sh', ['-c', script])).stdout.split('\n');
  };
  expect(await saidBy('preflight.fitness')).toEqual(
    expect.arrayContaining([expect.stringMatching(/^system \S+ \S+$/), 'looked']),
  );
  expect(await saidBy('preflight.room')).toEqual([
    expect.stringMatching(/^\d+ \d{6,} \/var\/lib\/mysql$/),
    expect.stringMatching(/^\d+ \d{6,} \/var\/lib\/rabbitmq$/),
    'looked',
    '',
  ]);
});

test('a program that listens everywhere on a port of a VIP or of the loopback is told on hosts that may hold it', () => {
  const fresh = (...listening: readonly number[]) => ({
    cloud: undefined,
    probes: { 'preflight.ports': listening.map((port) => `listening ${port}\n`).join('') },
  });
  const said = preflightChecks(wholeTopology(fiveHosts()))
    .filter(({ name }) => name === 'preflight.ports-free')
    .flatMap(({ judge }) =>
      judge(observed(observedHost('prx01', fresh(80, 443, 8406)), observedHost('ctl01', fresh(22, 443)))),
    )
    .map(({ hosts: [host], message }) => `${host}: ${message}`);
  expect(said.filter((line) => /^(prx|ctl)01: port/.test(line)).sort()).toEqual([
    'prx01: port 443 is already in use (horizon on the VIP needs it)',
    'prx01: port 80 is already in use (nginx, clients without TLS needs it)',
    'prx01: port 8406 is already in use (nginx, whether nginx.service is alive needs it)',
  ]);
});

test('what services keep of the memory for themselves leaves room for all else', () => {
  const said = (gibibytes: number, kept: number) =>
    preflightChecks({ ...topology, memory: [{ host: 'dbs01', service: 'galera', mebibytes: 1024 * kept }] })
      .filter(({ name }) => name === 'preflight.memory')
      .flatMap(({ judge }) =>
        judge(observed(observedHost('dbs01', { memoryTotalBytes: gibibytes * 1024 ** 3 }))),
      )
      .filter(({ hosts: blamed }) => blamed.includes('dbs01'))
      .map(({ severity, message }) => `${severity}: ${message}`);
  expect(said(4, 3)).toEqual([]);
  expect(said(4, 3.5)).toEqual(['red: has 4.0 GiB of memory, of which galera would keep 3.5']);
  expect(said(1, 0.25)).toEqual(['red: has 1.0 GiB of memory']);
});
