import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { HostObservation } from '../../../src/model/observed.ts';
import { haproxy } from '../../../src/services/haproxy/index.ts';
import { keepalived } from '../../../src/services/keepalived/index.ts';
import { askedHere } from '../../execute/asked.ts';
import { coreListeners } from '../../support/listeners.ts';
import { observed, observedHost, unreachableHost } from '../../support/observed.ts';
import { aTopology, hostNamed, instancesFor, usualVips } from '../../support/topology.ts';

const reply = (name: string) => readFile(new URL(`replies/${name}.txt`, import.meta.url), 'utf8');
const candidate = await reply('candidate');
const frontStopped = await reply('front-stopped');

const hosts = [1, 2, 3].map((number) =>
  hostNamed(`e${number}`, { address: `10.88.0.1${number}`, roles: ['control', 'database', 'messaging'] }),
);
const vips = usualVips(hosts).filter(({ role }) => role !== 'proxy');
const [control, database] = vips.map(({ address }) => address);
const topology = aTopology({
  hosts,
  vips,
  listeners: coreListeners(hosts),
  fronts: haproxy.fronts?.(haproxy.settings.parse({})) ?? [],
});
const instances = instancesFor('keepalived', {}, hosts);

const running = {
  'keepalived.service': 'active',
  'mcp-vip-watch.service': 'active',
  'haproxy-api.service': 'active',
  'haproxy-sql.service': 'active',
};
const saying = (host: string, held: readonly (string | undefined)[], said = candidate, units = running) =>
  observedHost(host, {
    addresses: held.filter((address) => address !== undefined),
    units,
    probes: { 'keepalived.vips': said },
  });

const findings = (...said: readonly HostObservation[]) =>
  keepalived.checks(instances, topology).flatMap((check) => check.judge(observed(...said)));
const settling = (...said: readonly HostObservation[]) =>
  (keepalived.settle?.(instances, topology, observed(...said)) ?? []).map(
    ({ host, title }) => `${host}: ${title}`,
  );

const atHome = [saying('e1', [control]), saying('e2', [database]), saying('e3', [])];

test('each VIP on one host that the others reach is healthy', () => {
  expect(findings(...atHome)).toEqual([]);
});

test('a host on which nobody looks whether its fronts hang is red', () => {
  const unwatched = saying('e3', [], candidate, { ...running, 'mcp-vip-watch.service': 'failed' });
  const found = findings(saying('e1', [control]), saying('e2', [database]), unwatched);
  expect(found).toMatchObject([
    { severity: 'red', hosts: ['e3'], message: expect.stringContaining('mcp-vip-watch.service') },
  ]);
});

test('a VIP on two hosts is red and names both', () => {
  const found = findings(saying('e1', [control]), saying('e2', [database, control]), saying('e3', []));
  expect(found).toMatchObject([{ severity: 'red', hosts: ['e1', 'e2'] }]);
});

test('a VIP on no host is red', () => {
  const found = findings(saying('e1', []), saying('e2', [database]), saying('e3', []));
  expect(found).toMatchObject([
    { severity: 'red', message: expect.stringContaining('control (10.88.0.100) is on no') },
  ]);
});

test('while nothing that serves a VIP runs anywhere, its absence closes no gate', () => {
  const early = { ...running, 'haproxy-api.service': 'inactive' };
  const said = frontStopped.replace('answers.control=yes', 'answers.control=no');
  const found = findings(
    saying('e1', [], said, early),
    saying('e2', [database], said, early),
    saying('e3', [], said, early),
  );
  expect(new Set(found.map(({ severity }) => severity))).toEqual(new Set(['warning']));
});

test('a VIP that no other host reaches is red for its holder, although it reaches itself', () => {
  const deaf = candidate.replace('answers.control=yes', 'answers.control=no');
  const found = findings(saying('e1', [control]), saying('e2', [database], deaf), saying('e3', [], deaf));
  expect(found).toMatchObject([
    { severity: 'red', hosts: ['e1'], message: expect.stringContaining('does not answer') },
  ]);
});

test('what a host without an address in its network sees of a VIP says nothing of it, and it is not asked after a hand-over', () => {
  const inNetwork = hosts.map((host, index) =>
    index === 2 ? host : { ...host, addresses: { ...host.addresses, internal: `192.0.2.${index + 1}` } },
  );
  const segmented = {
    ...topology,
    hosts: inNetwork,
    vips: vips.slice(0, 1).map((vip) => ({
      ...vip,
      network: 'internal' as const,
      address: '192.0.2.100',
      candidates: inNetwork.slice(0, 2),
    })),
  };
  const [first] = instancesFor('keepalived', {}, inNetwork);
  if (!first) throw new Error('no instance');
  const deaf = candidate.replace('answers.control=yes', 'answers.control=no');
  const now = observed(saying('e1', ['192.0.2.100']), saying('e2', []), saying('e3', [], deaf));
  const checks = keepalived.checks([first], segmented);
  expect(checks.flatMap((check) => (check.name === 'keepalived.answers' ? check.judge(now) : []))).toEqual(
    [],
  );
  const steps = keepalived.leave?.(first, segmented, now, new Set(['keepalived.service'])) ?? [];
  expect(steps.map(({ host, title }) => `${host}: ${title}`)).toEqual([
    'e2: can take control',
    'e1: hand control over to e2',
    'e2: control answers on 192.0.2.100:15672',
  ]);
});

test('a candidate that could not take a VIP over is red: the next failure would be an outage', () => {
  const found = findings(saying('e1', [control]), saying('e2', [database]), saying('e3', [], frontStopped));
  expect(found).toMatchObject([
    {
      severity: 'red',
      hosts: ['e3'],
      message: 'e3 could not take control (FAULT): what serves it there does not run',
    },
  ]);
});

test('a candidate that the network keeps from a VIP is red, and is told where to look', () => {
  const kept = (line: string) => candidate.replace('state.control=BACKUP', `state.control=FAULT\n${line}`);
  const found = (line: string) =>
    findings(saying('e1', [control]), saying('e2', [database]), saying('e3', [], kept(line)));
  expect(found('contested.control=1')).toMatchObject([
    { severity: 'red', hosts: ['e3'], message: expect.stringContaining('does not hear who holds control') },
  ]);
  expect(found('isolated.control=1')).toMatchObject([
    { severity: 'red', hosts: ['e3'], message: expect.stringContaining('cut off from most of the database') },
  ]);
});

test('a VIP that nobody holds since most of the database hosts are gone is no fault of its own', () => {
  const alone = candidate.replaceAll('state.control=BACKUP', 'state.control=FAULT\nisolated.control=1');
  const found = findings(saying('e1', [], alone), unreachableHost('e2'), unreachableHost('e3'));
  expect(found.filter(({ message }) => message.includes('is on no host: who could hold it'))).toMatchObject([
    { severity: 'warning' },
  ]);
  expect(found.filter(({ message }) => message.startsWith('e1 is cut off from most'))).toHaveLength(1);
});

test('a host that an operator has in maintenance is only mentioned', () => {
  const resting = frontStopped.replace('maintenance=0', 'maintenance=1');
  const found = findings(saying('e1', [control]), saying('e2', [database]), saying('e3', [], resting));
  expect(found.map(({ severity }) => severity)).toEqual(['warning']);
});

test('recover allows a VIP again that a run has kept away, and brings home what a fault has moved, but to no host in maintenance', () => {
  const barred = candidate.replace('mark.control=0', 'mark.control=1');
  const recovering = (looks: readonly HostObservation[], resting: readonly string[] = []) =>
    keepalived.recovery?.plan({
      ...{ instances, topology, resting: new Set(resting), without: [], from: undefined },
      observed: observed(...looks),
    });
  const titles = (...question: Parameters<typeof recovering>) =>
    recovering(...question)?.stages.map(({ title }) => title);
  expect(recovering(atHome)).toBeUndefined();
  const kept = [saying('e1', [control]), saying('e2', [database], barred), saying('e3', [])];
  expect(recovering(kept)?.evidence.rows[0]).toEqual(['control', 'e1', 'e1', 'e2']);
  expect(titles(kept)).toEqual(['e2: allow control again']);
  expect(recovering(kept, ['e2'])).toBeUndefined();
  const moved = [saying('e1', []), saying('e2', [control, database]), saying('e3', [])];
  expect(titles(moved)).toEqual([
    'e1: can take control',
    'e2: hand control over to e1',
    'e3: control answers on 10.88.0.100:15672',
    'e2: allow control again',
  ]);
  expect(recovering(moved, ['e1'])).toBeUndefined();
});

test('nothing is left to settle when every VIP is at home', () => {
  expect(settling(...atHome)).toEqual([]);
});

test('each VIP that moved goes home once, and the host it leaves may hold it again', () => {
  expect(settling(saying('e1', []), saying('e2', [control, database]), saying('e3', []))).toEqual([
    'e1: can take control',
    'e2: hand control over to e1',
    'e3: control answers on 10.88.0.100:15672',
    'e2: allow control again',
  ]);
});

test('a VIP does not go home to a host that is in maintenance or does not answer', () => {
  const resting = candidate.replace('maintenance=0', 'maintenance=1');
  expect(settling(saying('e1', [], resting), saying('e2', [control, database]), saying('e3', []))).toEqual(
    [],
  );
  expect(settling(unreachableHost('e1'), saying('e2', [control, database]), saying('e3', []))).toEqual([]);
});

test('what an interrupted run kept away from a host is allowed again', () => {
  const barred = candidate.replace('mark.control=0', 'mark.control=1');
  expect(settling(saying('e1', [control]), saying('e2', [database]), saying('e3', [], barred))).toEqual([
    'e3: allow control again',
  ]);
});

test('leaving hands over only what the host holds, and fails where nobody could take it', () => {
  const leave = (...said: readonly HostObservation[]) => {
    const [first] = instances;
    if (!first) throw new Error('no instance');
    return keepalived.leave?.(first, topology, observed(...said), new Set(['keepalived.service'])) ?? [];
  };
  expect(leave(...atHome).map(({ host, title }) => `${host}: ${title}`)).toEqual([
    'e2: can take control',
    'e1: hand control over to e2',
    'e3: control answers on 10.88.0.100:15672',
    'e1: keep database away',
  ]);
  expect(() => leave(saying('e1', [control]), unreachableHost('e2'), unreachableHost('e3'))).toThrow(
    /e1 holds control and no other host could take it/,
  );
});

test('hosts change in the order of what they hold, the holders last', () => {
  const ordered = keepalived.order?.(
    instances,
    topology,
    observed(...atHome.slice(0, 1), saying('e2', []), saying('e3', [database])),
  );
  expect(ordered?.map(({ host }) => host.name)).toEqual(['e2', 'e1', 'e3']);
});

test('a power cut hits the holder, and nobody while that is not clear', () => {
  const cut = keepalived.faults?.(instances, topology).find(({ name }) => name === 'database-vip-power-cut');
  expect(cut?.strike(observed(...atHome))).toMatchObject({ blows: [{ host: 'e2' }] });
  expect(cut?.strike(observed(saying('e1', [database]), saying('e2', [database])))).toBeUndefined();
  expect(cut?.budgets).toMatchObject({ vip: 1000, sql: 4000 });
});

test('a host carries the VIPs that it holds', () => {
  const carried = instances.map((each) => keepalived.carries?.(each, topology, observed(...atHome)));
  expect(carried).toEqual([['holds control'], ['holds database'], []]);
});

test('a VIP answers where what it has served all along does, whatever is about to be offered on it too', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const served = typeof address === 'object' && address !== null ? address.port : 0;
  const [listener] = coreListeners(hosts).filter(({ role }) => role === 'control');
  if (listener === undefined) throw new Error('there is no listener');
  // Nobody serves the first.
  const offering = (...ports: readonly number[]) =>
    aTopology({
      hosts,
      vips: vips.map((vip) => ({ ...vip, address: '127.0.0.1' })),
      listeners: ports.map((port) => ({ ...listener, port })),
    });
  const answers = async (...ports: readonly number[]) => {
    const [instance] = instances;
    if (instance === undefined) throw new Error('there is no instance');
    const [probe] = keepalived.probes?.(instance, offering(...ports)) ?? [];
    const replies = await askedHere(...(probe === undefined ? [] : [probe]));
    return /^answers\.control=(.*)$/m.exec(replies.get(probe?.name ?? '')?.stdout ?? '')?.[1];
  };
  expect(await answers(1, 2, served)).toBe('yes');
  expect(await answers(served, 1)).toBe('yes');
  expect(await answers(1, 2)).toBe('no');
  server.close();
});
