import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeCloud } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { deployedLab, leaveLab } from '../lab/support/deployed.ts';
import { onEach } from '../lab/support/hosts.ts';
import { type LabOf, labOf, root } from '../lab/support/mcp.ts';
import { everyHost } from '../lab/support/rolling-change.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { expectNothingFailed, underLoad } from '../lab/support/under-load.ts';
import { override, type Variant, variantOf } from '../lab/support/variant.ts';

const inventory = 'inventories/lab.yaml';
const lab: LabOf = labOf(inventory);
const databases = ['ctl01', 'ctl02', 'ctl03'];

beforeAll(async () => {
  await deployedLab(inventory);
  await awaitHealthy(lab, 300);
});
afterAll(() => leaveLab(lab));

test('one deploy changes every service on every host, each is started or told to read anew, and no client notices', async () => {
  const changed = await everythingChanged();
  const units = await servicesOf(changed.inventory);
  const before = await lastChangeOf(units);
  const deployed = labOf(changed.inventory);
  let said = '';
  const seen = await underLoad(lab, async () => {
    said = (await deployed.must('deploy', '--yes')).output;
  });
  console.log(said.split('\n').slice(-4).join('\n'));
  const after = await lastChangeOf(units);
  const still = Object.keys(before).filter((unit) => !(Number(after[unit]) > Number(before[unit])));
  const count = `${Object.keys(before).length} services of ${units.size} hosts`;
  await expectNothingFailed(`${count} are changed`, seen, lab, databases);
  expect(still).toEqual([]);
  expect((await deployed.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
  await awaitHealthy(deployed, 120);
});

/** By path on the hosts: something of no consequence that each daemon reads. */
const settings: Readonly<Record<string, string>> = {
  'etc/keystone/keystone.conf.merge': '[token]\nexpiration = 3700\n',
  'etc/glance/glance-api.conf.merge': '[DEFAULT]\nlimit_param_default = 26\n',
  'etc/nova/nova.conf.merge': '[api]\nmax_limit = 999\n',
  'etc/neutron/neutron.conf.merge': '[DEFAULT]\nmax_dns_nameservers = 6\n',
  'etc/placement/placement.conf.merge': '[placement]\nallocation_conflict_retry_count = 11\n',
  'etc/mysql/mariadb.conf.d/99-mcp.cnf.merge': '[mysqld]\nlong_query_time = 11\n',
  'etc/rabbitmq/rabbitmq.conf.append': 'collect_statistics_interval = 6000\n',
  'etc/memcached.conf.append': '-b 1025\n',
  'etc/chrony/chrony.conf.append': 'logchange 0.6\n',
  'etc/sysctl.d/80-mcp.conf.append': 'net.ipv4.tcp_fin_timeout = 59\n',
  'etc/mcp/firewall.nft.append': 'add rule inet mcp input tcp dport 40077 drop\n',
  'etc/haproxy/haproxy-api.cfg.append': 'backend nobodys\n  mode http\n',
  'etc/haproxy/haproxy-sql.cfg.append': 'backend nobodys\n  mode tcp\n',
};

const withAnotherLine = (program: string): string => `${program}\nCHANGED = True\n`;

/** By template: where a setting may be said but once, and programs of our own, another text for one that it has. */
const texts: Readonly<Record<string, (text: string) => string>> = {
  'keepalived/keepalived.conf.hbs': (text) =>
    text.replace('vrrp_garp_lower_prio_repeat 5', 'vrrp_garp_lower_prio_repeat 6'),
  'nginx/nginx.conf.hbs': (text) =>
    text.replace('  sendfile on;\n', '  sendfile on;\n  map_hash_max_size 3077;\n'),
  'horizon/settings.py.hbs': (text) => `${text}\nAPI_RESULT_LIMIT = 999\n`,
  'api-checker/api-checker/__main__.py': withAnotherLine,
  'galera/galera-agent/__main__.py': withAnotherLine,
  'keepalived/vip-watch/__main__.py': withAnotherLine,
  'rabbitmq/broker-watch/__main__.py': withAnotherLine,
};

async function everythingChanged(): Promise<Variant> {
  const variant = await variantOf(inventory);
  for (const [path, text] of Object.entries(settings)) await override(variant, `all/${path}`, text);
  for (const [name, change] of Object.entries(texts)) {
    const text = await readFile(join(root, 'templates', name), 'utf8');
    const changed = change(text);
    expect(changed, name).not.toBe(text);
    await override(variant, `all/templates/${name}`, changed);
  }
  return variant;
}

/** By host: the services that it has to run. Sockets are theirs, and hand on what connects. */
async function servicesOf(file: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const { topology } = await loadTopology(file);
  const { desired } = await describeCloud(topology);
  const ofHost = (host: string) =>
    (desired.hosts.get(host)?.services ?? [])
      .flatMap(({ resources }) => resources)
      .flatMap((each) => (each.kind === 'unit' && each.state === 'running' ? [each.name] : []))
      .filter((name) => name.endsWith('.service'));
  const units = new Map(everyHost.map((host) => [host, ofHost(host)]));
  for (const [host, names] of units) expect(names.length, host).toBeGreaterThan(5);
  return units;
}

/** By host and unit: when it last started, stopped or was told to read anew, microseconds since the machine's boot. */
async function lastChangeOf(
  units: ReadonlyMap<string, readonly string[]>,
): Promise<Readonly<Record<string, string>>> {
  const shown = await Promise.all(
    [...units].map(async ([host, names]) => {
      const line = `systemctl show --value -p StateChangeTimestampMonotonic ${names.join(' ')} | grep .`;
      const { [host]: said = '' } = await onEach(lab, [host], line);
      return names.map((name, index) => [`${name} on ${host}`, said.split('\n')[index] ?? ''] as const);
    }),
  );
  return Object.fromEntries(shown.flat());
}
