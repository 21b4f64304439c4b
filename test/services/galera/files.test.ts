import { describe, expect, test } from 'vitest';
import type { Host } from '../../../src/model/host.ts';
import { galera } from '../../../src/services/galera/index.ts';
import { expectGolden, resourcesOf } from '../../support/golden.ts';
import { aTopology, fiveHosts, instancesFor, secretsNamed, threeHosts } from '../../support/topology.ts';

const settings = galera.settings.parse({});
const secrets = secretsNamed('galera.probe', 'galera.drill');

const membersOf = (hosts: readonly Host[]) => hosts.filter(({ roles }) => roles.includes('database'));

describe.each([
  ['five-bookworm', fiveHosts('bookworm')],
  ['five-trixie', fiveHosts('trixie')],
  ['three-bookworm', threeHosts('bookworm')],
] as const)('%s', (layout, hosts) => {
  test('files and units', async () => {
    const instances = instancesFor('galera', settings, membersOf(hosts)).slice(0, 2);
    await expectGolden(galera, instances, { layout, topology: aTopology({ hosts, secrets }) });
  });
});

const fileOn = async (hosts: readonly Host[], at: number, path: string, wanted = settings) => {
  const instance = instancesFor('galera', wanted, membersOf(hosts))[at];
  if (!instance) throw new Error('no such member');
  const resources = await resourcesOf(galera, instance, aTopology({ hosts, secrets }));
  return resources.find((resource) => resource.kind === 'file' && resource.path === path);
};

const server = '/etc/mysql/mariadb.conf.d/99-mcp.cnf';

const contentOn = async (hosts: readonly Host[], at: number, path: string, wanted = settings) => {
  const file = await fileOn(hosts, at, path, wanted);
  return file?.kind === 'file' ? file.content : '';
};

test('all provider options stand on one line, for only the last line would count', async () => {
  const content = await contentOn(fiveHosts(), 0, server);
  expect(content.match(/^wsrep_provider_options/gm)).toHaveLength(1);
});

test('a commit is on disk before it is acknowledged', async () => {
  expect(await contentOn(fiveHosts(), 0, server)).toMatch(/^innodb_flush_log_at_trx_commit = 1$/m);
});

test('the last members are asked for a copy first, never a member itself, and any in the end', async () => {
  const donors = await Promise.all(
    [0, 1, 2].map(
      async (at) => /^wsrep_sst_donor = (.*)$/m.exec(await contentOn(fiveHosts(), at, server))?.[1],
    ),
  );
  expect(donors).toEqual(['ctl03,ctl02,', 'ctl03,ctl01,', 'ctl02,ctl01,']);
});

test('accounts are made by one member, from a file that only root reads', async () => {
  const file = await fileOn(fiveHosts(), 0, '/etc/mysql/mcp-users.sql');
  expect(file).toMatchObject({ mode: '0600', owner: 'root' });
  expect(await fileOn(fiveHosts(), 1, '/etc/mysql/mcp-users.sql')).toBeUndefined();
});

test.each([1, 2, 3.5, 10, 30])(
  'with %d s of tolerated silence the timers are ones that Galera accepts and survives',
  async (suspectSeconds) => {
    const wanted = { ...settings, suspectSeconds };
    const content = await contentOn(fiveHosts(), 0, server, wanted);
    const value = (name: string) => Number(new RegExp(`evs\\.${name}=PT([0-9.]+)S`).exec(content)?.[1]);
    expect(value('suspect_timeout')).toBe(suspectSeconds);
    expect(value('keepalive_period')).toBeGreaterThanOrEqual(0.1);
    expect(value('keepalive_period')).toBeLessThanOrEqual(suspectSeconds / 3);
    expect(value('inactive_check_period')).toBeLessThanOrEqual(suspectSeconds / 2);
    expect(value('install_timeout')).toBeGreaterThan(suspectSeconds);
    expect(value('install_timeout')).toBeLessThanOrEqual(value('inactive_timeout'));
    const unit = await contentOn(fiveHosts(), 0, '/etc/systemd/system/mariadb.service.d/mcp.conf', wanted);
    expect(Number(/^RestartSec=(\d+)s$/m.exec(unit)?.[1])).toBeGreaterThan(suspectSeconds);
  },
);
