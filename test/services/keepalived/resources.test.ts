import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Host } from '../../../src/model/host.ts';
import type { Role } from '../../../src/model/inventory.ts';
import { haproxy } from '../../../src/services/haproxy/index.ts';
import { keepalived } from '../../../src/services/keepalived/index.ts';
import { vipValues } from '../../../src/services/keepalived/vip-values.ts';
import { expectGolden, resourcesOf } from '../../support/golden.ts';
import { coreListeners } from '../../support/listeners.ts';
import {
  aTopology,
  fiveHosts,
  hostNamed,
  instancesFor,
  threeHosts,
  usualVips,
} from '../../support/topology.ts';

const fronts = [
  ...(haproxy.fronts?.(haproxy.settings.parse({})) ?? []),
  {
    role: 'proxy',
    service: 'nginx',
    unit: 'nginx.service',
    trackFile: '/run/mcp/front-nginx',
    aliveUrl: 'http://127.0.0.1:8406/alive',
    adminSocket: undefined,
    connectsForEachRequest: undefined,
  },
] as const;

describe.each([
  ['five-bookworm', fiveHosts('bookworm')],
  ['five-trixie', fiveHosts('trixie')],
  ['three-bookworm', threeHosts('bookworm')],
] as const)('%s', (layout, hosts) => {
  const topology = aTopology({ hosts, listeners: coreListeners(hosts), fronts });

  test('files and units', async () => {
    await expectGolden(keepalived, instancesFor('keepalived', {}, hosts), { layout, topology });
  });

  test('all members of a VIP agree on its address and id, and no two have the same priority', async () => {
    const configs = await Promise.all(
      instancesFor('keepalived', {}, hosts).map(async (instance) => {
        const resources = await resourcesOf(keepalived, instance, topology);
        const config = resources.find((one) => one.kind === 'file' && one.path.endsWith('keepalived.conf'));
        return config?.kind === 'file' ? config.content : '';
      }),
    );
    for (const vip of topology.vips) {
      const blocks = configs.flatMap((text) => text.split(`vrrp_instance ${vip.name} {`)[1] ?? []);
      expect(blocks).toHaveLength(vip.candidates.length);
      expect(new Set(blocks.map((block) => /virtual_router_id (\d+)/.exec(block)?.[1])).size).toBe(1);
      expect(new Set(blocks.map((block) => /priority (\d+)/.exec(block)?.[1])).size).toBe(blocks.length);
    }
  });
});

test('a host that can hold no VIP gets nothing', async () => {
  const alone = hostNamed('msg01', { address: '10.77.0.30', roles: ['messaging'] });
  const topology = aTopology({ hosts: [...fiveHosts(), alone], fronts });
  const [instance] = instancesFor('keepalived', {}, [alone]);
  if (!instance) throw new Error('no instance');
  expect(await resourcesOf(keepalived, instance, topology)).toEqual([]);
});

test('two hosts alone have no witnesses: neither may stop because the other is gone', async () => {
  const hosts = [1, 2].map((number) =>
    hostNamed(`prx0${number}`, { address: `10.77.0.1${number}`, roles: ['proxy'] }),
  );
  const topology = aTopology({ hosts, fronts });
  const [instance] = instancesFor('keepalived', {}, hosts);
  if (!instance) throw new Error('no instance');
  const resources = await resourcesOf(keepalived, instance, topology);
  const config = resources.find((one) => one.kind === 'file' && one.path.endsWith('keepalived.conf'));
  expect(config?.kind === 'file' && config.content).not.toContain('isolated');
});

test('in a network of its own only those count that have an address there', () => {
  const hosts = [1, 2, 3, 4].map((number) => {
    const host = hostNamed(`h${number}`, {
      address: `10.77.0.1${number}`,
      roles: number < 4 ? ['proxy'] : ['database'],
    });
    return number === 4 ? host : { ...host, addresses: { ...host.addresses, public: `192.0.2.${number}` } };
  });
  const vips = usualVips(hosts)
    .filter(({ role }) => role === 'proxy')
    .map((vip) => ({ ...vip, network: 'public' as const, address: '192.0.2.100' }));
  const [first] = hosts;
  if (first === undefined) throw new Error('no host');
  const [network] = vipValues(first, aTopology({ hosts, fronts, vips })).networks;
  expect(network?.witnesses.map(({ address }) => address)).toEqual(['192.0.2.2', '192.0.2.3']);
});

/** Two proxies in a public network, and a host that is not in it. */
function inPublicNetwork(gateway?: string) {
  const proxies = [1, 2].map((number) => {
    const host = hostNamed(`prx0${number}`, { address: `10.77.0.1${number}`, roles: ['proxy'] });
    return { ...host, addresses: { ...host.addresses, public: `192.0.2.${number}` } };
  });
  const hosts = [...proxies, hostNamed('ctl01', { address: '10.77.0.13', roles: ['control', 'database'] })];
  const vips = usualVips(hosts)
    .filter(({ role }) => role === 'proxy')
    .map((vip) => ({ ...vip, network: 'public' as const, address: '192.0.2.100', gateway }));
  const topology = aTopology({ hosts, fronts, vips });
  return proxies.map((host) => vipValues(host, topology));
}

test('two proxies alone in a network judge by no ping of each other, whoever else is in the cloud', () => {
  expect(inPublicNetwork().map(({ networks, vips }) => [networks, vips[0]?.isolated])).toEqual([
    [[], undefined],
    [[], undefined],
  ]);
});

test('with a gateway each of two proxies goes on while it or the other one answers, and not while neither does', () => {
  const [first, second] = inPublicNetwork('192.0.2.254').map(({ networks: [network] }) => network);
  expect(first?.witnesses.map(({ address }) => address)).toEqual(['192.0.2.2', '192.0.2.254']);
  expect(second?.witnesses.map(({ address }) => address)).toEqual(['192.0.2.1', '192.0.2.254']);
  for (const network of [first, second]) {
    expect(network?.needed).toBeGreaterThan(0);
    for (const { votes } of network?.witnesses ?? [])
      expect(votes).toBeGreaterThanOrEqual(network?.needed ?? 99);
  }
});

test('where three hosts can be asked most of them decide, and no gateway that both sides of a cut may have', () => {
  const hosts = fiveHosts();
  const vips = usualVips(hosts).map((vip) => ({ ...vip, gateway: '10.77.0.1' }));
  const topology = aTopology({ hosts, fronts, vips });
  for (const host of hosts)
    expect(vipValues(host, topology).networks).toEqual(
      vipValues(host, aTopology({ hosts, fronts })).networks,
    );
});

test('however a network breaks in two, one side goes on and the other does not: that of most database hosts, or of most of all', () => {
  const made = fc.tuple(
    fc.nat(5),
    fc.constantFrom(0, 1, 3, 4),
    fc.nat(4),
    fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }),
  );
  fc.assert(
    fc.property(made, ([controls, databases, proxies, sides]) => {
      const roles = [
        ...Array<Role>(controls).fill('control'),
        ...Array<Role>(databases).fill('database'),
        ...Array<Role>(proxies).fill('proxy'),
      ];
      fc.pre(roles.length > 2);
      const hosts = roles.map((role, index) =>
        hostNamed(`h${index}`, { address: `10.77.0.${index + 1}`, roles: [role] }),
      );
      const topology = aTopology({ hosts, fronts });
      const sideOf = (host: Host): readonly Host[] =>
        hosts.filter((_, index) => sides[index] === sides[hosts.indexOf(host)]);
      const goesOn = (host: Host): boolean => {
        const [network] = vipValues(host, topology).networks;
        const heard = sideOf(host).map(({ addresses }) => addresses.management);
        const sum = (network?.witnesses ?? [])
          .filter(({ address }) => heard.includes(address))
          .reduce((all, each) => all + each.votes, 0);
        return sum >= (network?.needed ?? 0);
      };
      const going = hosts.filter(goesOn);
      expect(going.length).toBeGreaterThan(0);
      // All of one side, and nobody of the other.
      const [one] = going;
      if (one === undefined) return;
      expect(going).toEqual(sideOf(one));
      const inDatabase = (some: readonly Host[]) =>
        some.filter((host) => host.roles.includes('database')).length;
      expect(2 * inDatabase(going)).toBeGreaterThanOrEqual(databases);
      if (2 * inDatabase(going) === databases)
        expect(2 * (going.length - inDatabase(going))).toBeGreaterThanOrEqual(hosts.length - databases);
    }),
  );
});
