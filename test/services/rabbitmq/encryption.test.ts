import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { targetsOf } from '../../../src/drill/targets.ts';
import type { Encryption } from '../../../src/model/encryption.ts';
import type { ObservedFile, ObservedState } from '../../../src/model/observed.ts';
import type { FileResource } from '../../../src/model/resource.ts';
import { rabbitmq } from '../../../src/services/rabbitmq/index.ts';
import { resourcesOf, root } from '../../support/golden.ts';
import { wholeTopology } from '../../support/openstack.ts';
import { aTopology, fiveHosts, instancesFor } from '../../support/topology.ts';
import { observedWith, reply } from './observed.ts';

const hosts = fiveHosts();
const members = hosts.slice(0, 3);
const environment = '/etc/rabbitmq/rabbitmq-env.conf';

const topologyWith = (tls: Encryption) => wholeTopology(hosts, { settings: { rabbitmq: { tls } } });
const instancesWith = (tls: Encryption) =>
  instancesFor('rabbitmq', rabbitmq.settings.parse({ tls }), members);

/** The files of the first member. */
async function filesWith(tls: Encryption): Promise<ReadonlyMap<string, FileResource>> {
  const [instance] = instancesWith(tls);
  if (!instance) throw new Error('no member');
  const files = (await resourcesOf(rabbitmq, instance, topologyWith(tls))).filter(
    (resource) => resource.kind === 'file',
  );
  return new Map(files.map((file) => [file.path, file]));
}

const modes: readonly Encryption[] = [false, 'optional', true];
const textOf = async (tls: Encryption, path: string): Promise<string> =>
  (await filesWith(tls)).get(path)?.content ?? '';

const environments = new Map(
  await Promise.all(modes.map(async (mode) => [mode, await textOf(mode, environment)] as const)),
);

describe('members change from one mode to the next', () => {
  /**
   * What is in the way while members that have one mode each (undefined: a blank host; packaged: one with Debian's own file)
   * are to have another.
   */
  function obstacles(found: readonly (Encryption | undefined | 'packaged')[], wanted: readonly Encryption[]) {
    const content = (mode: Encryption | undefined) =>
      mode === undefined ? undefined : environments.get(mode);
    const observed = withFiles(
      found.map((mode) => ({
        content: mode === 'packaged' ? '#NODENAME=rabbit\n' : content(mode),
        wasStarted: mode !== 'packaged' && mode !== undefined,
      })),
    );
    return rabbitmq.obstacles?.(instancesWith('optional'), aTopology({}), observed, (host) =>
      content(wanted[members.findIndex(({ name }) => name === host)]),
    );
  }

  test.each([
    ['false', 'optional'],
    ['optional', 'true'],
    ['true', 'optional'],
    ['optional', 'false'],
    ['true', 'true'],
  ])('from %s to %s', (from, to) => {
    const mode = (text: string): Encryption => (text === 'optional' ? text : text === 'true');
    expect(obstacles(Array(3).fill(mode(from)), Array(3).fill(mode(to)))).toEqual([]);
  });

  test.each([
    [false, true],
    [true, false],
  ])('not from %s to %s at once', (from, to) => {
    expect(obstacles(Array(3).fill(from), Array(3).fill(to))).toEqual([
      expect.objectContaining({
        host: 'ctl01',
        message: expect.stringContaining('ctl02 from'),
        hint: expect.stringContaining('`services.rabbitmq.tls: optional` first'),
      }),
    ]);
  });

  test('not to the third while one has not left the first', () => {
    expect(obstacles(['optional', 'optional', false], Array(3).fill(true))).toHaveLength(1);
    expect(obstacles(['optional', 'optional', false], Array(3).fill('optional'))).toEqual([]);
  });

  test('not past a member that is left out', () => {
    expect(obstacles(['optional', 'optional', false], [true, true, false])).toHaveLength(1);
  });

  test('blank hosts begin with whatever is wanted, and one alone with what the others have', () => {
    expect(obstacles([undefined, undefined, undefined], Array(3).fill(true))).toEqual([]);
    expect(obstacles([true, true, undefined], Array(3).fill(true))).toEqual([]);
    expect(obstacles([true, true, 'packaged'], Array(3).fill(true))).toEqual([]);
    expect(obstacles(['packaged', 'optional', 'optional'], Array(3).fill(true))).toEqual([]);
  });
});

describe('ways in', () => {
  const offered = async (tls: Encryption): Promise<readonly string[]> => {
    const config = (await filesWith(tls)).get('/etc/rabbitmq/rabbitmq.conf');
    return (config?.content ?? '').split('\n').filter((line) => config?.offers?.test(line));
  };

  test('what goes is told from what stays by its line, so that clients go first', async () => {
    expect(await offered(false)).toEqual(['listeners.tcp.1 = 10.77.0.11:5672']);
    expect(await offered('optional')).toEqual([
      'listeners.tcp.1 = 10.77.0.11:5672',
      'listeners.ssl.1 = 10.77.0.11:5671',
    ]);
    expect(await offered(true)).toEqual(['listeners.ssl.1 = 10.77.0.11:5671']);
    expect(await textOf(true, '/etc/rabbitmq/rabbitmq.conf')).toMatch(/^listeners\.tcp = none$/m);
  });

  test.each([
    [false, [5672]],
    ['optional', [5672, 5671]],
    [true, [5671]],
  ] as const)('with tls: %s clients may come from anywhere to %j', (tls, ports) => {
    const [instance] = instancesWith(tls);
    if (!instance) throw new Error('no member');
    const sockets = rabbitmq.sockets(instance, { hosts, vips: [] });
    expect(sockets.filter(({ from }) => from === 'anyone').map(({ port }) => port)).toEqual(ports);
  });

  test.each(modes)('with tls: %s who is about to be alone keeps clients out of all of them', async (tls) => {
    const watch = JSON.parse(await textOf(tls, '/etc/mcp/broker-watch.json'));
    const [instance] = instancesWith(tls);
    if (!instance) throw new Error('no member');
    const open = rabbitmq.sockets(instance, { hosts, vips: [] }).filter(({ from }) => from === 'anyone');
    expect(watch.kept_out).toEqual(open.map(({ port }) => port));
    expect(watch.clients).toEqual([...watch.kept_out, 15672]);
  });

  test('clients use TLS as soon as all members speak it, and verify whom they reach', () => {
    for (const tls of ['optional', true] as const) {
      expect(topologyWith(tls).broker).toMatchObject({ tls: true, members: [{ port: 5671 }, {}, {}] });
      expect(targetsOf(topologyWith(tls)).amqp).toMatchObject({
        nodes: [{ host: 'ctl01', address: '10.77.0.11', port: 5671 }, {}, {}],
        authority: expect.stringContaining('CERTIFICATE'),
      });
    }
    expect(topologyWith(false).broker).toMatchObject({ tls: false, members: [{ port: 5672 }, {}, {}] });
    expect(targetsOf(topologyWith(false)).amqp.authority).toBeUndefined();
  });

  test('a certificate covers every member, since clients verify one by the address of another', () => {
    const topology = topologyWith(true);
    expect(rabbitmq.speaksTls?.(rabbitmq.settings.parse({ tls: 'optional' }))).toBe(true);
    expect(rabbitmq.speaksTls?.(rabbitmq.settings.parse({}))).toBe(false);
    expect(rabbitmq.certificateNames?.(instancesWith(true), topology)).toEqual([
      '10.77.0.11',
      '10.77.0.12',
      '10.77.0.13',
    ]);
  });
});

describe('between members', () => {
  test.each([
    [false, undefined],
    ['optional', 'mcp_mixed'],
    [true, 'inet_tls'],
  ] as const)('with tls: %s nodes and command line tools speak by the same means', (tls, carried) => {
    const lines = (environments.get(tls) ?? '').split('\n').filter((line) => /_ERL_ARGS=/.test(line));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(/-proto_dist (\S+)/.exec(line)?.[1]).toBe(carried);
  });

  test('a certificate that is renewed restarts nobody, and its key is for RabbitMQ alone', async () => {
    const [instance] = instancesWith(true);
    if (!instance) throw new Error('no member');
    const resources = await resourcesOf(rabbitmq, instance, topologyWith(true));
    const restarts = resources.flatMap((resource) => (resource.kind === 'unit' ? resource.restartOn : []));
    expect(restarts.filter((path) => path.startsWith('/etc/rabbitmq/tls/'))).toEqual([]);
    expect((await filesWith(true)).get('/etc/rabbitmq/tls/host.key')).toMatchObject({
      mode: '0640',
      owner: 'root',
      group: 'rabbitmq',
    });
  });

  test('what carries both is there while both are spoken, and compiled before it runs', async () => {
    const dropIn = '/etc/systemd/system/rabbitmq-server.service.d/mcp.conf';
    for (const tls of modes) {
      const isOptional = tls === 'optional';
      expect((await filesWith(tls)).has('/usr/lib/mcp/erlang/mcp_mixed_dist.erl')).toBe(isOptional);
      expect((await textOf(tls, dropIn)).includes('/usr/bin/erlc')).toBe(isOptional);
    }
  });

  test('Erlang compiles what carries both, without a warning', async ({ skip }) => {
    const compiler = await run('sh', ['-c', 'command -v erlc']).catch(() => undefined);
    if (compiler === undefined) skip('erlc is not here: apt-get install erlang-base erlang-ssl');
    const into = await mkdtemp(join(tmpdir(), 'mcp-erlang-'));
    try {
      await run('erlc', ['-Werror', '-o', into, `${root}templates/rabbitmq/mcp_mixed_dist.erl`]);
    } finally {
      await rm(into, { recursive: true });
    }
  });
});

describe('status says what a member takes now, whatever the inventory says', () => {
  test.each([
    ['listens 5672', 'no'],
    ['listens 5672 5671', 'optional'],
    ['listens 5671', 'yes'],
    ['listens', '-'],
  ])('%s: %s', (listens, said) => {
    const text = `${listens}\n${reply('healthy')}`;
    const observed = observedWith({ ctl01: text, ctl02: text, ctl03: text });
    const [nodes] = rabbitmq.status?.(instancesWith(true), topologyWith(true), observed) ?? [];
    const column = nodes?.columns.indexOf('tls') ?? -1;
    expect(nodes?.rows.map((row) => row[column])).toEqual([said, said, said]);
  });
});

const run = promisify(execFile);

/** Members that have this in the file with Erlang's options; undefined: they have none. */
interface Found {
  readonly content: string | undefined;
  /** By a run of ours. */
  readonly wasStarted: boolean;
}

function withFiles(contents: readonly Found[]): ObservedState {
  const observed = observedWith(Object.fromEntries(members.map(({ name }) => [name, ''])));
  const found = [...observed.hosts.values()].map((host, index) => {
    const { content, wasStarted } = contents[index] ?? { content: undefined, wasStarted: false };
    const file: ObservedFile =
      content === undefined
        ? { kind: 'absent' }
        : { kind: 'different', content, sha256: '', mode: '0644', owner: 'root', group: 'root' };
    const record = { restart: 'one', reload: 'one' };
    const records = new Map(wasStarted ? [['rabbitmq-server.service', record]] : []);
    return { ...host, files: new Map([[environment, file]]), records };
  });
  return { hosts: new Map(found.map((host) => [host.host, host])) };
}
