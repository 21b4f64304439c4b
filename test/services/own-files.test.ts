import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Override } from '../../src/model/inventory.ts';
import type { Resource } from '../../src/model/resource.ts';
import { host as hostService } from '../../src/services/host/index.ts';
import { hostSettings } from '../../src/services/host/settings.ts';
import { services } from '../../src/services/index.ts';
import { ownFiles } from '../../src/services/own-files/index.ts';
import { ownFilesSettings } from '../../src/services/own-files/settings.ts';
import { describeHosts } from '../../src/workflows/describe-hosts.ts';
import { resourcesOf } from '../support/golden.ts';
import { wholeTopology } from '../support/openstack.ts';
import { fiveHosts, instancesFor } from '../support/topology.ts';

const ownFile = (path: string, content: string, scope: Override['scope'] = { kind: 'all' }): Override => ({
  scope,
  what: { kind: 'own-file', path, content },
  source: `/o/files${path}`,
});

const policy = '/etc/keystone/policy.d/10-ours.yaml';

const settings = ownFilesSettings.parse({
  files: {
    [policy]: { group: 'keystone', mode: '0640', restart: ['keystone.service'] },
    '/etc/rsyslog.d/ours.conf': { reload: ['rsyslog.service'] },
  },
});

const noFiles = ownFilesSettings.parse({});

const topologyWith = (...overrides: readonly Override[]) => {
  const topology = wholeTopology(fiveHosts());
  return { ...topology, inventory: { ...topology.inventory, overrides } };
};

const control = { kind: 'role', role: 'control' } as const;

test('a file is where its scope says, with owner and mode, and comes from the narrowest', async () => {
  const topology = topologyWith(
    ownFile(policy, 'narrow', { kind: 'host', host: 'ctl02' }),
    ownFile(policy, 'wide', control),
  );
  const instances = instancesFor('own-files', settings, topology.hosts);
  const contents = await Promise.all(
    instances.map(async (instance) => {
      const files = await resourcesOf(ownFiles, instance, topology);
      return files.flatMap((each) =>
        each.kind === 'file' && each.path === policy ? [[each.content, each.mode, each.group]] : [],
      );
    }),
  );
  const [wide, narrow] = [
    ['wide', '0640', 'keystone'],
    ['narrow', '0640', 'keystone'],
  ];
  expect(contents).toEqual([[wide], [narrow], [wide], [], []]);
});

test('a unit of ours is restarted in its turn for a file that it reads; another unit is told', () => {
  const topology = topologyWith(ownFile(policy, 'x', control), ownFile('/etc/rsyslog.d/ours.conf', 'y'));
  const withFiles = {
    ...topology,
    instances: [
      ...topology.instances.filter(({ service }) => service !== 'own-files'),
      ...instancesFor('own-files', settings, topology.hosts),
    ],
  };
  const desired = describeHosts(withFiles, services, {
    renderOn: () => () => '',
    overrideOn: (_host, resources) => resources,
  });
  const resources =
    desired.hosts.get('ctl01')?.services.flatMap((each): readonly Resource[] => each.resources) ?? [];
  const keystone = resources.find((each) => each.kind === 'unit' && each.name === 'keystone.service');
  expect(keystone).toMatchObject({ restartOn: expect.arrayContaining([policy]) });
  expect(resources.filter((each) => each.kind === 'task' && each.name.startsWith('own-files'))).toEqual([
    expect.objectContaining({
      script: expect.stringContaining("try-reload-or-restart 'rsyslog.service'".replaceAll("'", '')),
      readsFiles: ['/etc/rsyslog.d/ours.conf'],
    }),
  ]);
});

test('a unit of ours that can only be restarted is, whatever is wished; another is reloaded', () => {
  const wished = ownFilesSettings.parse({
    files: { [policy]: { reload: ['keystone.service', 'haproxy-api.service'] } },
  });
  const topology = topologyWith(ownFile(policy, 'x', control));
  const desired = describeHosts(
    {
      ...topology,
      instances: [
        ...topology.instances.filter(({ service }) => service !== 'own-files'),
        ...instancesFor('own-files', wished, topology.hosts),
      ],
    },
    services,
    { renderOn: () => () => '', overrideOn: (_host, resources) => resources },
  );
  const units = (desired.hosts.get('ctl01')?.services ?? [])
    .flatMap(({ resources }): readonly Resource[] => resources)
    .filter((each) => each.kind === 'unit');
  const unitOf = (name: string) => units.find((unit) => unit.name === name);
  expect(unitOf('keystone.service')).toMatchObject({
    restartOn: expect.arrayContaining([policy]),
    reloadOn: [],
  });
  expect(unitOf('haproxy-api.service')?.reloadOn).toContain(policy);
});

test('rules of the firewall are loaded, guarded and checked with ours', async () => {
  const part = '/etc/mcp/nft.d/ours.nft';
  const topology = topologyWith(ownFile(part, 'table inet mcp { chain ours { } }\n'));
  const [instance] = instancesFor('host', hostSettings.parse({}), topology.hosts);
  if (!instance) throw new Error('no host');
  const resources = await resourcesOf(hostService, instance, topology);
  expect(resources).toContainEqual(
    expect.objectContaining({
      name: 'mcp-firewall.service',
      guarded: true,
      reloadOn: expect.arrayContaining([part]),
    }),
  );
  const rules = resources.find((each) => each.kind === 'file' && each.path === '/etc/mcp/firewall.nft');
  expect(rules).toMatchObject({
    content: expect.stringMatching(/\ninclude "\/etc\/mcp\/nft\.d\/ours\.nft"\n$/),
  });
  expect(hostService.validators?.(instance, topology)[0]?.files).toContain(part);
});

test('a path that no file is for, a place that is ours and another table are mistakes', () => {
  const topology = topologyWith(
    ownFile('/var/lib/mcp/x', ''),
    ownFile('/etc/mcp/nft.d/stray.nft', 'flush ruleset\n'),
    ownFile('/etc/mcp/nft.d/other.nft', 'table ip mine { }\n'),
  );
  const found = ownFiles.mistakes?.(instancesFor('own-files', settings, topology.hosts), topology) ?? [];
  expect(found.map(({ message }) => message)).toEqual([
    'there is no such file of yours',
    'there is no such file of yours',
    "a file of your own can't be at /var/lib/mcp/x",
    '/etc/mcp/nft.d/stray.nft speaks of more than the table inet mcp',
    '/etc/mcp/nft.d/other.nft speaks of more than the table inet mcp',
  ]);
});

test('the check reads the staged rules, with those of the operator among them', async () => {
  const part = '/etc/mcp/nft.d/ours.nft';
  const topology = topologyWith(ownFile(part, 'table inet mcp { chain ours { } }\n'));
  const [instance] = instancesFor('host', hostSettings.parse({}), topology.hosts);
  if (!instance) throw new Error('no host');
  const resources = await resourcesOf(hostService, instance, topology);
  const tree = await mkdtemp(join(tmpdir(), 'mcp-tree-'));
  for (const each of resources) {
    if (each.kind !== 'file' || !each.path.includes('/etc/mcp/')) continue;
    await mkdir(dirname(join(tree, each.path)), { recursive: true });
    await writeFile(join(tree, each.path), each.content);
  }
  // In place of nft: says what it was given, and finds it wrong.
  const nft = join(tree, 'nft');
  await writeFile(nft, '#!/bin/sh\ncat "$3"\nexit 1\n', { mode: 0o755 });
  const script = hostService.validators?.(instance, topology)[0]?.script.replaceAll('/usr/sbin/nft', nft);
  const { status, stderr } = spawnSync('sh', ['-c', script ?? ''], {
    env: { ...process.env, TREE: tree },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain('table inet mcp {');
  expect(stderr).toContain(`\ninclude "${part}"\n`);
  const staged = spawnSync('sh', ['-c', script?.replace('s#$TREE##g', '') ?? ''], {
    env: { ...process.env, TREE: tree },
    encoding: 'utf8',
  });
  expect(staged.stderr).toContain(`\ninclude "${tree}${part}"\n`);
  await rm(tree, { recursive: true });
});

test.each([
  'table mine { }',
  'add rule ip filter input accept',
  'flush table inet mcp',
  'delete chain inet mcp input',
  'add rule filter input accept',
])('rules of the firewall that say `%s` are a mistake', (rules) => {
  const topology = topologyWith(ownFile('/etc/mcp/nft.d/ours.nft', `${rules}\n`));
  const found = ownFiles.mistakes?.(instancesFor('own-files', noFiles, topology.hosts), topology) ?? [];
  expect(found).toHaveLength(1);
});

test.each([
  'table inet mcp { chain ours { type filter hook input priority 5; ip saddr 10.0.0.1 accept } }',
  'add rule inet mcp ours counter accept',
  'table inet mcp { chain ours { log prefix "flush table of ours" } } # delete chain ip x',
])('rules of the firewall that say `%s` are taken', (rules) => {
  const topology = topologyWith(ownFile('/etc/mcp/nft.d/ours.nft', `${rules}\n`));
  expect(ownFiles.mistakes?.(instancesFor('own-files', noFiles, topology.hosts), topology)).toEqual([]);
});

test('what is in the folder of ours and no rules of the firewall, and what no line could hold, are mistakes', () => {
  const topology = topologyWith(
    ownFile('/etc/mcp/own-files', ''),
    ownFile('/etc/mcp/nft.d/ours.conf', ''),
    ownFile('/etc/two\nlines', ''),
    ownFile('/motd', ''),
    ownFile('/etc/keystone/fernet-keys/7', ''),
  );
  const found = ownFiles.mistakes?.(instancesFor('own-files', noFiles, topology.hosts), topology) ?? [];
  expect(found.map(({ message }) => message)).toEqual([
    'a file of your own can\'t be at "/etc/two\\nlines"',
    'a file of your own can\'t be at "/motd"',
    "a file of your own can't be at /etc/mcp/own-files",
    "a file of your own can't be at /etc/mcp/nft.d/ours.conf",
    "a file of your own can't be at /etc/keystone/fernet-keys/7",
  ]);
});

test('rules of the firewall have no owner, mode or reader of their own', () => {
  const path = '/etc/mcp/nft.d/ours.nft';
  const topology = topologyWith(ownFile(path, 'table inet mcp { }\n'));
  const said = ownFilesSettings.parse({ files: { [path]: { restart: ['nftables.service'] } } });
  const found = ownFiles.mistakes?.(instancesFor('own-files', said, topology.hosts), topology) ?? [];
  expect(found).toMatchObject([{ path: ['files', path] }]);
});

test('a mode of three digits is the one with a zero before it, which is how a host tells it', async () => {
  const topology = topologyWith(ownFile(policy, 'x', control));
  const said = ownFilesSettings.parse({ files: { [policy]: { mode: '640' } } });
  const [instance] = instancesFor('own-files', said, topology.hosts);
  if (!instance) throw new Error('no host');
  const resources = await resourcesOf(ownFiles, instance, topology);
  expect(resources).toContainEqual(expect.objectContaining({ path: policy, mode: '0640' }));
});

test('a file that everybody may write is refused', () => {
  const { error } = ownFilesSettings.safeParse({ files: { [policy]: { mode: '0666' } } });
  expect(error?.issues.map(({ message }) => message)).toEqual(['would let everybody write']);
});
