import { expect, test } from 'vitest';
import { instancesOf } from '../../../src/model/topology.ts';
import { host as service } from '../../../src/services/host/index.ts';
import { resourcesOf } from '../../support/golden.ts';
import { wholeTopology } from '../../support/openstack.ts';
import { fiveHosts } from '../../support/topology.ts';

const topology = wholeTopology(fiveHosts());
const sql = 'ip daddr 10.77.0.101 tcp dport 3306';
const management = 'ip daddr 10.77.0.100 tcp dport 15672';
const hosts = '{ 10.77.0.11, 10.77.0.12, 10.77.0.13, 10.77.0.14, 10.77.0.15 }';

async function rulesOn(host: string, settings: object = {}): Promise<readonly string[]> {
  const instance = instancesOf(topology, 'host').find((each) => each.host.name === host);
  if (!instance) throw new Error(`nothing on ${host}`);
  const parsed = { ...instance, settings: service.settings.parse(settings) };
  const file = (await resourcesOf(service, parsed, topology)).find(
    (resource) => resource.kind === 'file' && resource.path === '/etc/mcp/firewall.nft',
  );
  if (file?.kind !== 'file') throw new Error('no rules');
  return file.content.split('\n').map((line) => line.trim());
}

/** What becomes of a new connection, in the order of the rules. */
const about = (socket: string, rules: readonly string[]): readonly string[] =>
  rules.filter((line) => line.startsWith(socket)).map((line) => line.slice(socket.length + 1));

test.each([sql, management])('%s: only hosts of the cloud connect, others are reset', async (socket) => {
  for (const host of ['ctl01', 'ctl02', 'ctl03'])
    expect(about(socket, await rulesOn(host))).toEqual([`ip saddr ${hosts} accept`, 'reject with tcp reset']);
});

test('a network that the operator trusts connects too, though it overlaps that of the hosts', async () => {
  const trustedNetworks = ['10.77.0.0/24', '192.0.2.0/24'];
  for (const socket of [sql, management])
    expect(about(socket, await rulesOn('ctl02', { trustedNetworks }))).toEqual([
      `ip saddr ${hosts} accept`,
      'ip saddr 10.77.0.0/24 accept',
      'ip saddr 192.0.2.0/24 accept',
      'reject with tcp reset',
    ]);
  // The servers' own ports are for the cloud alone: what comes to them has passed no load balancer.
  const own = about('ip daddr 10.77.0.12 tcp dport 3306', await rulesOn('ctl02', { trustedNetworks }));
  expect(own).toEqual([expect.stringContaining('10.77.0.11'), 'reject with tcp reset']);
});

test('every listener that is for the cloud alone is closed wherever its VIP can be, and no API is', async () => {
  const closed = topology.listeners.filter(({ from }) => from === 'cloud').map(({ name }) => name);
  expect(closed).toEqual(['galera', 'rabbitmq-management']);
  for (const { role, port, from, name } of topology.listeners)
    for (const vip of topology.vips.filter((each) => each.role === role))
      for (const { name: host } of vip.candidates) {
        const rules = about(`ip daddr ${vip.address} tcp dport ${port}`, await rulesOn(host));
        expect([name, rules.at(-1)]).toEqual([name, from === 'cloud' ? 'reject with tcp reset' : undefined]);
      }
});

test('who can not hold a VIP says nothing of it', async () => {
  expect((await rulesOn('prx01')).filter((line) => line.includes('10.77.0.101'))).toEqual([]);
});
