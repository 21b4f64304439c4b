import { once } from 'node:events';
import { chmodSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { hostsAtOnce, observeHosts } from '../../src/execute/index.ts';
import type { DesiredState } from '../../src/model/desired.ts';
import { McpError } from '../../src/model/failure.ts';
import { reachable } from '../../src/model/observed.ts';
import type { Probe } from '../../src/model/probe.ts';
import { configFile, directory, runningUnit } from '../../src/resources/index.ts';
import { scriptedFleet } from '../../src/transport/index.ts';
import { aTopology } from '../support/topology.ts';
import { type LocalHost, localHost } from './local-host.ts';

const file = (host: LocalHost, name: string, content: string) =>
  configFile({
    ...{ path: join(host.root, 'etc', name), content, template: name, mode: '0640' },
    ...{ owner: host.owner, group: host.group },
  });

const answers: Probe = { name: 'answers', script: 'cat <<END\nup\nEND', deadlineSeconds: 2 };

const desiredOn = (host: LocalHost, probes: readonly Probe[] = [answers]): DesiredState => ({
  hosts: new Map([
    [
      'ctl01',
      {
        host: 'ctl01',
        services: [
          {
            service: 'alpha',
            resources: [
              file(host, 'same', 'as it should be\n'),
              file(host, 'edited', 'as it should be\n'),
              file(host, 'loose', 'as it should be\n'),
              file(host, 'absent', 'as it should be\n'),
              directory({ path: join(host.root, 'etc') }),
              runningUnit('alpha.service'),
            ],
            validators: [],
            data: [],
            probes,
          },
        ],
      },
    ],
  ]),
});

const observe = (host: LocalHost, connect = host.fleet.connect, probes?: readonly Probe[]) =>
  observeHosts({
    ...{ desired: desiredOn(host, probes), connect, hosts: ['ctl01'], depth: 'everything', now: Date.now },
    paths: host.paths,
  });

test('one script tells everything about a host', async () => {
  await using host = localHost();
  for (const name of ['same', 'edited', 'loose']) host.write(`etc/${name}`, 'as it should be\n');
  host.write('etc/edited', 'by hand\n');
  for (const name of ['same', 'edited']) chmodSync(join(host.root, 'etc', name), 0o640);
  chmodSync(join(host.root, 'etc/loose'), 0o666);
  mkdirSync(join(host.root, 'state/units'), { recursive: true });
  host.write('state/cloud', 'lab\n');
  host.write('state/format', '1\n');
  host.write('state/units/alpha.service', 'restart=aa\nreload=bb\n');
  host.write('state/files', `${'0'.repeat(64)}  /etc/alpha.conf\n`);
  const found = reachable(
    await observe(host, host.fleet.connect, [
      answers,
      { name: 'hangs', script: 'sleep 30', deadlineSeconds: 1 },
      { name: 'binary', script: "printf '\\377'; exit 3", deadlineSeconds: 2 },
    ]),
    'ctl01',
  );
  const at = (name: string) => found?.files.get(join(host.root, 'etc', name));
  expect(at('same')).toEqual({ kind: 'same' });
  expect(at('edited')).toMatchObject({ kind: 'different', content: 'by hand\n', mode: '0640' });
  expect(at('loose')).toMatchObject({ kind: 'different', content: undefined, mode: '0666' });
  expect(at('absent')).toEqual({ kind: 'absent' });
  expect(found?.files.get(join(host.root, 'etc'))).toMatchObject({ kind: 'directory', owner: host.owner });
  expect(found?.units.get('alpha.service')).toMatchObject({ loadState: 'loaded', activeState: 'inactive' });
  expect(found?.records.get('alpha.service')).toEqual({ restart: 'aa', reload: 'bb' });
  expect(found?.appliedFiles.get('/etc/alpha.conf')).toBe('0'.repeat(64));
  expect(found?.probes.get('answers')).toEqual({ exitCode: 0, stdout: 'up\n' });
  expect(found?.probes.get('hangs')?.exitCode).toBe(124);
  expect(found?.probes.get('binary')?.exitCode).toBe(3);
  expect([found?.cloud, found?.format]).toEqual(['lab', 1]);
  expect(found?.diskFreeBytes).toBeGreaterThan(1_000_000);
  expect(Math.abs(found?.clockSkewMilliseconds ?? Number.NaN)).toBeLessThan(2000);
}, 30_000);

test('a reply that is not whole is never taken for absence', async () => {
  await using host = localHost();
  const whole = await host.fleet.connect('ctl01');
  const cutShort = scriptedFleet(async (_host, script) => {
    const result = await whole.run(script);
    return { ...result, stdout: result.stdout.slice(0, -40) };
  });
  const found = (await observe(host, cutShort.connect)).hosts.get('ctl01');
  expect(found).toMatchObject({ kind: 'unreachable', failure: { code: 'reply-truncated' } });
}, 30_000);

test('what goes on writing after its time was up makes no answer that is not whole', async () => {
  await using host = localHost();
  // In a group of its own, as whatever a probe starts with a timeout: it outlives the probe.
  const writes = {
    name: 'writes',
    script: "timeout 3 sh -c 'while printf x; do :; done'",
    deadlineSeconds: 1,
  };
  const found = reachable(await observe(host, host.fleet.connect, [answers, writes]), 'ctl01');
  expect(found?.probes.get('answers')).toMatchObject({ exitCode: 0, stdout: 'up\n' });
  expect(found?.probes.get('writes')?.exitCode).not.toBe(0);
});

test('a host that can not be reached says why, and the others are still observed', async () => {
  await using host = localHost();
  const connect: typeof host.fleet.connect = async (name) => {
    if (name === 'ctl02') throw new McpError('host-key-changed', 'ctl02 shows another key', { host: name });
    return host.fleet.connect(name);
  };
  const observed = await observeHosts({
    ...{ desired: desiredOn(host), connect, hosts: ['ctl01', 'ctl02'], depth: 'probes', now: Date.now },
    paths: host.paths,
  });
  expect(observed.hosts.get('ctl01')?.kind).toBe('reachable');
  expect(observed.hosts.get('ctl02')).toMatchObject({
    kind: 'unreachable',
    failure: { code: 'host-key-changed' },
  });
}, 30_000);

test('with little effort hosts are looked at one after another, at lower priority, and tell the same', async () => {
  await using host = localHost();
  let underWay = 0;
  let most = 0;
  const scripts: string[] = [];
  const fleet = scriptedFleet(async (_name, script) => {
    scripts.push(script);
    underWay += 1;
    most = Math.max(most, underWay);
    const result = await (await host.fleet.connect('ctl01')).run(script);
    underWay -= 1;
    return result;
  });
  const look = (effort: 'usual' | 'low') =>
    observeHosts({
      ...{ desired: desiredOn(host), connect: fleet.connect, hosts: ['ctl01', 'ctl02'], depth: 'probes' },
      ...{ effort, turnMilliseconds: 60_000, now: Date.now, paths: host.paths },
    });
  const told = [...(await look('low')).hosts.values()].map(({ kind }) => kind);
  expect([told, most]).toEqual([['reachable', 'reachable'], 1]);
  expect(scripts.every((script) => script.includes('/proc/self/autogroup'))).toBe(true);
  await look('usual');
  expect(most).toBe(2);
  expect(scripts.slice(2).some((script) => script.includes('/proc/self/autogroup'))).toBe(false);
}, 60_000);

test('as many hosts as may compute at a time are looked at, and one that lets nobody in takes no turn', async () => {
  await using host = localHost();
  let underWay = 0;
  const most: number[] = [];
  const fleet = scriptedFleet(async (_name, script) => {
    underWay += 1;
    most.push(underWay);
    const result = await (await host.fleet.connect('ctl01')).run(script);
    underWay -= 1;
    return result;
  });
  const door = new AbortController();
  const observed = observeHosts({
    ...{ desired: desiredOn(host), hosts: ['ctl03', 'ctl01', 'ctl02', 'prx01'], depth: 'probes', atOnce: 2 },
    async connect(name) {
      if (name === 'ctl03') await once(door.signal, 'abort');
      return fleet.connect(name);
    },
    ...{ turnMilliseconds: 60_000, now: Date.now, paths: host.paths },
  });
  await vi.waitFor(() => expect(most).toHaveLength(3), 20_000);
  door.abort();
  expect([...(await observed).hosts.values()].map(({ kind }) => kind)).toEqual(
    new Array(4).fill('reachable'),
  );
  expect(Math.max(...most)).toBe(2);
}, 60_000);

test('a host that waits for something keeps no other from being looked at', async () => {
  await using host = localHost();
  const lastIsAsked = new AbortController();
  const asked: string[] = [];
  const fleet = scriptedFleet(async (name, script) => {
    asked.push(name);
    if (name === 'ctl03') lastIsAsked.abort();
    else if (!lastIsAsked.signal.aborted) await once(lastIsAsked.signal, 'abort');
    return await (await host.fleet.connect('ctl01')).run(script);
  });
  const observed = await observeHosts({
    ...{ desired: desiredOn(host), hosts: ['ctl01', 'ctl02', 'ctl03'], depth: 'probes', atOnce: 1 },
    ...{ connect: fleet.connect, turnMilliseconds: 10, now: Date.now, paths: host.paths },
  });
  expect([...observed.hosts.values()].map(({ kind }) => kind)).toEqual(new Array(3).fill('reachable'));
  expect(asked).toEqual(['ctl01', 'ctl02', 'ctl03']);
}, 60_000);

test('hosts of a lab share this machine and leave half of it to those that serve; others compute on their own, behind a namespace too', () => {
  const { inventory } = aTopology();
  const lab = {
    name: 'lab',
    directory: '/srv/labs',
    image: 'stocked',
    shared: [],
    recorder: undefined,
  } as const;
  const managed = { ...inventory, ssh: { ...inventory.ssh, namespace: 'management' } };
  expect(hostsAtOnce({ inventory: managed })).toBe(Number.POSITIVE_INFINITY);
  const shared = hostsAtOnce({ inventory: { ...inventory, lab } });
  expect(shared).toBeGreaterThanOrEqual(1);
  expect(shared).toBeLessThanOrEqual(Math.max(1, availableParallelism() / 2));
});
