import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { McpError } from '../../src/model/failure.ts';
import { validateInventory } from '../../src/workflows/validate.ts';
import { withSettings } from '../inventory/five-hosts.ts';

let folder: string;
let inventory: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-validate-'));
  inventory = join(folder, 'lab.yaml');
  await copyFile('inventories/lab.yaml', inventory);
});

afterEach(() => rm(folder, { recursive: true }));

async function overrideWith(path: string, text: string): Promise<void> {
  const file = join(folder, 'overrides', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** Every mistake, `path-below-overrides:line:column message → hint`. */
async function mistakes(): Promise<readonly string[]> {
  try {
    await validateInventory(inventory);
    return [];
  } catch (failure) {
    if (!(failure instanceof McpError)) throw failure;
    const { diagnostics = [] } = failure.details;
    return diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(
        ({ file, line, column, message, hint = '' }) =>
          `${file.slice(file.indexOf('/overrides/') + 11)}:${line}:${column} ${message} → ${hint}`,
      );
  }
}

test('without secrets, certificates and overrides there is nothing to complain of', async () => {
  expect(await mistakes()).toEqual([]);
});

test('services that speak TLS are rendered before their hosts have certificates', async () => {
  await writeFile(inventory, withSettings('galera: { tls: true }\n  rabbitmq: { tls: optional }'));
  expect(await mistakes()).toEqual([]);
});

test('an override of a file that no host has is a mistake, and the one that was meant is named', async () => {
  await overrideWith('all/etc/nova/nvoa.conf.merge', '[DEFAULT]\ndebug = true\n');
  await overrideWith('all/etc/haproxy/haproxi-api.cfg.append', 'listen x\n');
  await overrideWith('all/etc/cinder/cinder-volumes/backends.conf.merge', '[DEFAULT]\ndebug = true\n');
  expect(await mistakes()).toEqual([
    expect.stringMatching(/^all\/etc\/cinder.*:1:1 no host has the file \/etc\/cinder\S+ → .*files\//),
    'all/etc/haproxy/haproxi-api.cfg.append:1:1 no host has the file /etc/haproxy/haproxi-api.cfg → did you mean /etc/haproxy/haproxy-api.cfg?',
    'all/etc/nova/nvoa.conf.merge:1:1 no host has the file /etc/nova/nvoa.conf → did you mean /etc/nova/nova.conf?',
  ]);
});

test('an override for a role or host that never has the file is a mistake, and who has it is named', async () => {
  await overrideWith('role/proxy/etc/nova/nova.conf.merge', '[DEFAULT]\ndebug = true\n');
  await overrideWith('host/prx01/templates/keystone/keystone.conf.hbs', 'x');
  await overrideWith('host/ctl02/etc/nova/nova.conf.merge', '[DEFAULT]\ndebug = true\n');
  expect(await mistakes()).toEqual([
    'host/prx01/templates/keystone/keystone.conf.hbs:1:1 prx01 has a file from keystone/keystone.conf.hbs → move it: ctl01, ctl02, ctl03 would use it',
    'role/proxy/etc/nova/nova.conf.merge:1:1 no host with the role proxy has the file /etc/nova/nova.conf → move it: ctl01, ctl02, ctl03 would use it',
  ]);
});

test('a section that is almost one of the file is a mistake; one that is new to it is not', async () => {
  await overrideWith(
    'all/etc/nova/nova.conf.merge',
    '[default]\ndebug = true\n\n[databse]\nmax_retries = 3\n\n[cinder]\nos_region_name = x\n\n[Keystone_authtoken]\nx = 1\n',
  );
  await overrideWith(
    'all/etc/neutron/plugins/ml2/ml2_conf.ini.merge',
    '[ml2_type_gre]\ntunnel_id_ranges = 1:2\n',
  );
  await overrideWith('all/etc/mysql/mariadb.conf.d/99-mcp.cnf.merge', '[mysqldd]\nskip-name-resolve\n');
  expect(await mistakes()).toEqual([
    'all/etc/mysql/mariadb.conf.d/99-mcp.cnf.merge:1:1 there is no section [mysqldd] in the file → did you mean [mysqld]?',
    'all/etc/nova/nova.conf.merge:1:1 there is no section [default] in the file → did you mean [DEFAULT]?',
    'all/etc/nova/nova.conf.merge:4:1 there is no section [databse] in the file → did you mean [database]?',
  ]);
});

test('what oslo.config would not read is a mistake with its place', async () => {
  await overrideWith(
    'all/etc/glance/glance-api.conf.merge',
    'workers = 2\n[DEFAULT]\n# why\n  going on with nothing\ndebug\n = 3\n[glance_store\n',
  );
  await overrideWith('all/etc/placement/placement.conf.merge', '# nothing yet\n');
  expect((await mistakes()).map((line) => line.replace(/ → .*/, ''))).toEqual([
    'all/etc/glance/glance-api.conf.merge:1:1 workers stands before any section',
    'all/etc/glance/glance-api.conf.merge:4:3 a line that begins with white space goes on with the value above it, and there is none',
    'all/etc/glance/glance-api.conf.merge:5:1 debug is not NAME = VALUE',
    'all/etc/glance/glance-api.conf.merge:6:2 a line that begins with white space goes on with the value above it, and there is none',
    'all/etc/glance/glance-api.conf.merge:7:1 [glance_store is not a section',
    'all/etc/placement/placement.conf.merge:1:1 sets nothing',
  ]);
});

test('what is added below a file says of which section it is', async () => {
  await overrideWith('all/etc/nova/nova.conf.append', 'debug = true\n\n[DEFAULT]\nverbose = true\n');
  await overrideWith('all/etc/haproxy/haproxy-api.cfg.append', 'listen heat\n');
  expect(await mistakes()).toEqual([
    'all/etc/nova/nova.conf.append:1:1 debug stands before any section, and would be of the one that comes last in the file → write [SECTION] above it, or merge it with /etc/nova/nova.conf.merge',
  ]);
});

test("MariaDB's files may name a setting alone, and include nothing", async () => {
  const file = 'all/etc/mysql/mariadb.conf.d/99-mcp.cnf.merge';
  await overrideWith(file, '[mysqld]\n  skip-name-resolve\n');
  expect(await mistakes()).toEqual([]);
  await overrideWith(file, '[mysqld]\n!includedir /etc/mine.d/\n');
  expect(await mistakes()).toEqual([expect.stringContaining(`${file}:2:1 would have MariaDB read files`)]);
});

test.each([
  'etc/haproxy/haproxy-api.cfg',
  'etc/nginx/nginx.conf',
  'etc/mcp/firewall.nft',
  'etc/openstack-dashboard/local_settings.d/_9999_mcp.py',
  'etc/keystone/mcp-catalogue.json',
  'etc/keystone/fernet-keys/0',
])('keys can not be merged into %s, which has none', async (path) => {
  await overrideWith(`all/${path}.merge`, 'debug = true\n');
  expect(await mistakes()).toEqual([expect.stringContaining('replace its template')]);
});

test('files without sections take settings, and no section', async () => {
  await overrideWith('all/etc/rabbitmq/rabbitmq.conf.merge', 'channel_max = 100\n');
  expect(await mistakes()).toEqual([]);
  await overrideWith('all/etc/rabbitmq/rabbitmq.conf.merge', '[rabbit]\nchannel_max = 100\n');
  expect(await mistakes()).toEqual([expect.stringContaining(':1:1 there is a section [rabbit]')]);
});

test('replaced templates are rendered: every mistake with its place in the file of the operator', async () => {
  await overrideWith('all/templates/placement/placement.conf.hbs', '[DEFAULT]\ndebug = {{settings.prot}}\n');
  await overrideWith('all/templates/glance/glance-api.conf.hbs', '[DEFAULT]\n{{#if x}}\n{{/each}}\n');
  await overrideWith('all/templates/nova/nova.conf.hbs', '\n  {{> shared/databse}}\n');
  await overrideWith('all/templates/neutron/neutron.conf.hbs', '{{#each settings}}{{this}}{{/each}}\n');
  await overrideWith('all/templates/shared/cache.hbs', 'backend_servers = {{cachs}}\n');
  await overrideWith('all/templates/keystone/keystoen.conf.hbs', '');
  expect(await mistakes()).toEqual([
    expect.stringMatching(/^all\/templates\/glance\/glance-api.conf.hbs:\d:\d .*if doesn't match each/),
    'all/templates/keystone/keystoen.conf.hbs:1:1 there is no template keystone/keystoen.conf.hbs → did you mean keystone/keystone.conf.hbs?',
    expect.stringMatching(/neutron\.conf\.hbs:1:1 \{\{each}} got no list/),
    'all/templates/nova/nova.conf.hbs:2:3 there is no partial shared/databse → did you mean shared/database?',
    'all/templates/placement/placement.conf.hbs:2:11 there is no value settings.prot here → did you mean port?',
    expect.stringMatching(
      /^all\/templates\/shared\/cache\.hbs:1:21 there is no value cachs here → did you mean caches\?/,
    ),
  ]);
});

test('a folder of overrides that the inventory names must be there', async () => {
  await writeFile(inventory, 'overrides: overides\n', { flag: 'a' });
  expect(await mistakes()).toEqual([expect.stringContaining('there is no folder')]);
});

test('line ends of another system are taken for ours, and a file of the operator is never one of ours', async () => {
  await overrideWith('all/etc/nova/nova.conf.merge', '\uFEFF[DEFAULT]\r\ndebug = true\r\n');
  await overrideWith('all/templates/haproxy/haproxy-reload.sh', '#!/bin/sh\r\nexit 0\r\n');
  const { topology } = await validateInventory(inventory);
  expect(topology.inventory.overrides.map(({ what }) => what.content)).toEqual([
    '[DEFAULT]\ndebug = true\n',
    '#!/bin/sh\nexit 0\n',
  ]);
  await overrideWith('all/files/etc/nova/nova.conf', 'mine\n');
  expect(await mistakes()).toEqual([
    expect.stringContaining('all/files/etc/nova/nova.conf:1:1 /etc/nova/nova.conf is a file that mcp writes'),
  ]);
});

test('a file of the operator is no folder of ours, and lies in no file', async () => {
  await overrideWith('all/files/etc/nova', 'mine\n');
  await overrideWith('all/files/etc/mine', 'mine\n');
  await overrideWith('all/files/etc/glance/glance-api.conf/mine', 'mine\n');
  expect(await mistakes()).toEqual([
    expect.stringMatching(
      /files\/etc\/glance\/.*:1:1 \/etc\/glance\/glance-api\.conf is a file on the hosts/,
    ),
    expect.stringMatching(/files\/etc\/nova:1:1 \/etc\/nova is a folder on the hosts/),
  ]);
});
