import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { preflightChecks, preflightProbes } from '../../src/health/index.ts';
import type { HostObservation } from '../../src/model/observed.ts';
import { observed, observedHost, unreachableHost } from '../support/observed.ts';
import { aTopology, hostNamed, usualVips } from '../support/topology.ts';

const hosts = [1, 2].map((number) =>
  hostNamed(`prx0${number}`, { address: `10.77.0.1${number}`, roles: ['proxy'] }),
);
const [vip] = usualVips(hosts).filter(({ role }) => role === 'proxy');
if (!vip) throw new Error('no VIP');
const topology = aTopology({ hosts, vips: [vip] });

const judging = (name: string) => (hosts: readonly HostObservation[]) =>
  preflightChecks(topology)
    .filter((check) => check.name === name)
    .flatMap((check) => check.judge(observed(...hosts)));
const strangers = judging('preflight.vips');
const routers = judging('preflight.vrrp');

const own = { prx01: 'own 02:00:00:00:00:01', prx02: 'own 02:00:00:00:00:02' };
const asked = `asked ${vip.address}`;
const saying = (host: keyof typeof own, ...lines: readonly string[]) =>
  observedHost(host, { probes: { 'preflight.vips': [own[host], ...lines].join('\n') } });
const hearing = (host: string, ...lines: readonly string[]) =>
  observedHost(host, { probes: { 'preflight.vrrp': lines.join('\n') } });

test('a VIP that nobody answers for, or only a host of ours, is free', () => {
  expect(strangers([saying('prx01', asked), saying('prx02', asked)])).toEqual([]);
  const answered = `answers ${vip.address} 02:00:00:00:00:02`;
  expect(strangers([saying('prx01', answered, asked), saying('prx02', asked)])).toEqual([]);
});

test('a machine of others is red, once, also beside a host of ours that has the VIP', () => {
  const answers = ['02:00:00:00:00:02', '02:ab:00:00:00:01'].map((mac) => `answers ${vip.address} ${mac}`);
  const found = strangers([saying('prx01', ...answers, asked), saying('prx02', ...answers, asked)]);
  expect(found).toMatchObject([
    { severity: 'red', message: expect.stringContaining('02:ab:00:00:00:01, which is none of our hosts') },
  ]);
});

test('a host that could not ask is red, and so is a VIP for which nobody asked', () => {
  expect(strangers([saying('prx01', asked), saying('prx02')])).toMatchObject([
    { severity: 'red', hosts: ['prx02'] },
  ]);
  expect(strangers([saying('prx01', asked), unreachableHost('prx02')])).toEqual([]);
  expect(strangers([unreachableHost('prx01'), unreachableHost('prx02')])).toMatchObject([
    { severity: 'red', hosts: [], message: expect.stringContaining('could not ask') },
  ]);
});

test('a foreign router with an id of ours is red, and other ids and our own hosts are nothing', () => {
  const found = routers([
    hearing(
      'prx01',
      `hears host0 10.77.0.99 ${vip.routerId}`,
      `hears host0 10.77.0.99 ${vip.routerId + 1}`,
      'listened',
    ),
    hearing('prx02', `hears host0 10.77.0.11 ${vip.routerId}`, 'listened'),
  ]);
  expect(found).toMatchObject([
    { severity: 'red', hosts: ['prx01'], message: expect.stringContaining('from 10.77.0.99') },
  ]);
});

test('a host that could not listen for routers is red, and so is a cloud in which nobody did', () => {
  expect(routers([hearing('prx01', 'listened'), observedHost('prx02')])).toMatchObject([
    { severity: 'red', hosts: ['prx02'] },
  ]);
  expect(routers([unreachableHost('prx01'), unreachableHost('prx02')])).toMatchObject([
    { severity: 'red', hosts: [] },
  ]);
});

test('a probe that can not do its work does not say that it did', async () => {
  const [host] = hosts;
  if (!host) throw new Error('no host');
  const nowhere = {
    ...host,
    interfaces: {
      management: 'nowhere0',
      internal: 'nowhere0',
      public: 'nowhere0',
      replication: 'nowhere0',
    },
  };
  for (const [name, done] of [
    ['preflight.vips', asked],
    ['preflight.vrrp', 'listened'],
  ] as const) {
    const probe = preflightProbes(topology, nowhere).find((each) => each.name === name);
    const run = promisify(execFile)('sh', ['-c', probe?.script ?? 'exit 9']);
    const said = await run.catch((failure: { stdout: string; stderr: string }) => failure);
    expect(said.stderr).toContain('nowhere0');
    expect(said.stdout).not.toContain(done);
  }
});

test('where no host answers nothing is green', () => {
  const silent = observed(unreachableHost('prx01'), unreachableHost('prx02'));
  const green = preflightChecks(topology).filter((check) => check.judge(silent).length === 0);
  expect(green.map(({ name }) => name)).toEqual([]);
});
