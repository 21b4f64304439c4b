import { describe, expect, test } from 'vitest';
import type { Socket } from '../../../src/model/listener.ts';
import { host } from '../../../src/services/host/index.ts';
import { expectGolden, resourcesOf } from '../../support/golden.ts';
import { aTopology, fiveHosts, instancesFor, threeHosts } from '../../support/topology.ts';

const settings = host.settings.parse({});
const layouts = [
  ['five-bookworm', fiveHosts('bookworm')],
  ['five-trixie', fiveHosts('trixie')],
  ['three-bookworm', threeHosts('bookworm')],
] as const;

const socket = (wanted: Partial<Socket>): Socket => ({
  host: 'ctl01',
  service: 'galera',
  address: '10.77.0.11',
  port: 4567,
  protocol: 'tcp',
  purpose: 'Galera replication',
  from: ['10.77.0.11', '10.77.0.12', '10.77.0.13'],
  ...wanted,
});

const firewallOf = async (sockets: readonly Socket[]): Promise<string> => {
  const hosts = fiveHosts();
  const [instance] = instancesFor('host', settings, hosts);
  if (!instance) throw new Error('no instance');
  const resources = await resourcesOf(host, instance, aTopology({ hosts, sockets }));
  const file = resources.find((one) => one.kind === 'file' && one.path === '/etc/mcp/firewall.nft');
  return file?.kind === 'file' ? file.content : '';
};

describe.each(layouts)('%s', (layout, hosts) => {
  test('files and units', async () => {
    const [first] = hosts;
    const sockets = first
      ? [
          socket({ host: first.name, address: first.addresses.replication, from: 'cloud' }),
          socket({
            host: first.name,
            address: first.addresses.internal,
            port: 9200,
            purpose: 'health of Galera',
          }),
        ]
      : [];
    const instances = instancesFor('host', settings, hosts);
    const chosen = instances.filter((_, index) => index === 0 || index === instances.length - 1);
    await expectGolden(host, chosen, { layout, topology: aTopology({ hosts, sockets }) });
  });
});

test('a socket for members only is closed to everyone else, with a reset', async () => {
  const rules = await firewallOf([socket({})]);
  expect(rules).toContain(
    'ip daddr 10.77.0.11 tcp dport 4567 ip saddr { 10.77.0.11, 10.77.0.12, 10.77.0.13 } accept',
  );
  expect(rules).toContain('ip daddr 10.77.0.11 tcp dport 4567 reject with tcp reset');
});

test('what anyone may reach, another host has, or nobody named is left alone', async () => {
  const rules = await firewallOf([
    socket({ from: 'anyone' }),
    socket({ host: 'ctl02', address: '10.77.0.12' }),
  ]);
  expect(rules).not.toContain('dport');
});

test('only hosts of the cloud may send VRRP', async () => {
  const rules = await firewallOf([]);
  expect(rules).toMatch(
    /ip saddr \{ 10\.77\.0\.11, .*10\.77\.0\.15 \} ip protocol 112 accept\n\s+meta l4proto 112 drop/,
  );
});
