import { describe, expect, test } from 'vitest';
import { haproxy } from '../../../src/services/haproxy/index.ts';
import { keepalived } from '../../../src/services/keepalived/index.ts';
import { expectGolden, resourcesOf } from '../../support/golden.ts';
import { coreListeners } from '../../support/listeners.ts';
import { aTopology, fiveHosts, hostNamed, instancesFor, threeHosts } from '../../support/topology.ts';

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
