import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deployedLab } from '../lab/support/deployed.ts';
import { onEach } from '../lab/support/hosts.ts';
import { type LabOf, labOf, root } from '../lab/support/mcp.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { underLoad } from '../lab/support/under-load.ts';
import { override, type Variant, variantOf } from '../lab/support/variant.ts';

const inventory = 'inventories/lab.yaml';
const lab: LabOf = labOf(inventory);
const control = ['ctl01', 'ctl02', 'ctl03'];
const hosts = [...control, 'prx01', 'prx02'];

beforeAll(async () => {
  await deployedLab(inventory);
  await awaitHealthy(lab, 300);
});
afterAll(async () => {
  await lab.must('lab down');
});

const cutsGalera = ['sport', 'dport']
  .map((end) => `insert rule inet mcp input tcp ${end} 4567 drop\n`)
  .join('');

interface BadChange {
  readonly what: string;
  readonly path: string;
  readonly text: string;
  /** Prints how often it is in force. */
  readonly look: string;
}

const cut: BadChange = {
  what: 'a firewall rule that spares ssh and cuts Galera',
  path: 'all/etc/mcp/firewall.nft.append',
  text: cutsGalera,
  look: 'nft list table inet mcp | grep -c "4567 drop" || true',
};

/** A template of ours that says something else. */
const templateWith = async (template: string, before: string, after: string): Promise<string> => {
  const text = await readFile(join(root, 'templates', template), 'utf8');
  expect(text).toContain(before);
  return text.replaceAll(before, after);
};

const badChanges: readonly BadChange[] = [
  cut,
  {
    what: 'a proxy that Nginx takes and that answers every request for an API with an error',
    path: 'all/templates/nginx/nginx.conf.hbs',
    text: await templateWith(
      'nginx/nginx.conf.hbs',
      'proxy_pass {{gateway.scheme}}://{{upstream}};',
      'return 503;',
    ),
    look: 'cat /etc/nginx/nginx.conf 2>/dev/null | grep -c "return 503" || true',
  },
  {
    what: 'a load balancer that HAProxy takes and that answers every request with an error',
    path: 'all/templates/haproxy/haproxy-api.cfg.hbs',
    text: await templateWith(
      'haproxy/haproxy-api.cfg.hbs',
      '  balance roundrobin\n',
      '  balance roundrobin\n  http-request return status 503\n',
    ),
    look: 'cat /etc/haproxy/haproxy-api.cfg 2>/dev/null | grep -c "return status 503" || true',
  },
];

test.each(badChanges)(
  '$what is put back by the first host, and the others are not touched',
  async ({ path, text, look }) => {
    const variant: Variant = await variantOf(inventory);
    await override(variant, path, text);
    let output = '';
    const { apis, store } = await underLoad(lab, async () => {
      const outcome = await labOf(variant.inventory).mcp('deploy', '--yes');
      output = outcome.output;
      expect(outcome.exitCode, output).toBe(7);
    });
    const failed = [...apis.series, ...store.series].map(({ name, failed: count, attempts }) => ({
      name,
      count,
      attempts,
    }));
    console.log(`${JSON.stringify(failed)}\n${output}`);
    expect(output).toContain('has put its old files back');
    expect(new Set(Object.values(await onEach(lab, hosts, look)))).toEqual(new Set(['0']));
    expect(store.lostMessages).toEqual([]);
    await awaitHealthy(lab, 120);
    // Files, units and records are as they were.
    expect((await lab.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
  },
);

test('a host that is power cycled before its change was found good puts it back when it is up again', async () => {
  const variant: Variant = await variantOf(inventory);
  await override(variant, cut.path, cut.text);
  const deploying = labOf(variant.inventory).mcp('deploy', '--yes');
  const first = await hostWith(cut.look);
  await lab.must('lab power-off', first);
  await lab.must('lab power-on', first);
  const { exitCode, output } = await deploying;
  console.log(`exit ${exitCode}\n${output}`);
  expect([7, 8]).toContain(exitCode);
  await awaitHealthy(lab, 300);
  expect(new Set(Object.values(await onEach(lab, hosts, cut.look)))).toEqual(new Set(['0']));
  const found = await onEach(lab, hosts, 'ls /etc/systemd/system | grep "^mcp-2" || true');
  expect(new Set(Object.values(found))).toEqual(new Set(['']));
  await lab.must('deploy', '--yes');
  await awaitHealthy(lab, 120);
});

/** Where a change is in force first. */
async function hostWith(look: string): Promise<string> {
  for (;;) {
    const found = await Promise.all(hosts.map(async (host) => ({ host, count: await lab.on(host, look) })));
    const first = found.find(({ count }) => Number(count) > 0);
    if (first !== undefined) return first.host;
    await sleep(300);
  }
}

interface Breakage {
  readonly what: string;
  readonly hosts: readonly string[];
  readonly line: string;
}

/** What one mistaken loop over all hosts may do, and what is then in force there. */
const breakages: readonly Breakage[] = [
  {
    what: 'a firewall rule that cuts Galera',
    hosts,
    line: `printf '${cutsGalera.replaceAll('\n', '\\n')}' >>/etc/mcp/firewall.nft && systemctl reload mcp-firewall`,
  },
  {
    what: 'load balancers that answer every request with an error',
    hosts: control,
    line: `sed -i 's/^  balance roundrobin$/&\\n  http-request return status 503/' /etc/haproxy/haproxy-api.cfg && systemctl reload haproxy-api`,
  },
  {
    what: 'proxies that answer every request with an error',
    hosts: ['prx01', 'prx02'],
    line: `sed -i 's/proxy_pass .*;/return 503;/' /etc/nginx/nginx.conf && systemctl reload nginx`,
  },
  {
    what: 'a Keystone that knows no login to its database',
    hosts: control,
    line: `sed -i 's,^connection = .*,connection = mysql+pymysql://nobody:nothing@127.0.0.1/keystone,' /etc/keystone/keystone.conf && systemctl restart keystone`,
  },
  {
    what: 'no Keepalived anywhere, and none that could start',
    hosts,
    line: `systemctl stop keepalived && echo 'vrrp_instance nonsense {' >>/etc/keepalived/keepalived.conf`,
  },
];

describe.each(['the first', 'the second'])('a cloud that was broken by hand, for %s time', () => {
  test.each(breakages)('$what: one deploy cures it', async ({ hosts: where, line }) => {
    await onEach(lab, where, line);
    // Nobody has a majority any more, or is served.
    await sleep(15_000);
    const broken = await lab.mcp('status');
    expect(broken.exitCode, broken.output).toBe(8);
    const began = Date.now();
    const cured = await lab.mcp('deploy', '--yes', '--overwrite-drift');
    expect(cured.exitCode, cured.output).toBe(0);
    console.log(`cured in ${Math.round((Date.now() - began) / 1000)} s`);
    await awaitHealthy(lab, 120);
    expect((await lab.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
  });
});
