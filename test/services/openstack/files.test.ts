import { describe, expect, test } from 'vitest';
import type { FileResource } from '../../../src/model/resource.ts';
import type { Service } from '../../../src/model/service.ts';
import { instancesOf } from '../../../src/model/topology.ts';
import { glance } from '../../../src/services/glance/index.ts';
import { services } from '../../../src/services/index.ts';
import { expectGolden, resourcesOf } from '../../support/golden.ts';
import { wholeTopology } from '../../support/openstack.ts';
import { fiveHosts, threeHosts } from '../../support/topology.ts';

const named = (name: string): Service => {
  const service = services.find((each) => each.name === name);
  if (!service) throw new Error(`no service ${name}`);
  return service;
};

const names = ['glance', 'placement', 'nova', 'neutron'];

describe.each([
  ['five-bookworm', fiveHosts('bookworm')],
  ['five-trixie', fiveHosts('trixie')],
  ['three-bookworm', threeHosts('bookworm')],
] as const)('%s', (layout, hosts) => {
  const topology = wholeTopology(hosts);

  test.each(names)('files and units of %s', async (name) => {
    await expectGolden(named(name), instancesOf(topology, name).slice(0, 2), { layout, topology });
  });
});

/** Clients must agree with each other about a queue, or whoever comes second is refused. */
test.each(['keystone', 'glance', 'nova', 'neutron'])(
  '%s tells what has happened in quorum queues where nothing is mirrored, and calls as ever',
  async (name) => {
    const [instance] = instancesOf(wholeTopology(fiveHosts('trixie')), name);
    if (!instance) throw new Error(`no ${name}`);
    const resources = await resourcesOf(named(name), instance, wholeTopology(fiveHosts('trixie')));
    const text = resources
      .flatMap((resource) => (resource.kind === 'file' ? [resource.content] : []))
      .join('\n');
    expect(text.match(/^transport_url = .*\/(.*)$/gm)?.map((line) => line.replace(/.*\//, ''))).toEqual([
      'openstack',
      'openstack_notifications?rabbit_quorum_queue=true',
    ]);
    expect(text).toMatch(/^\[oslo_messaging_notifications\]\n(?:[#a-z].*\n)*transport_url = /m);
    expect(text).toContain('amqp_durable_queues = false');
    expect(text).not.toMatch(/^rabbit_quorum_queue|^rabbit_transient_quorum_queue/m);
  },
);

const topology = wholeTopology(fiveHosts());

const filesOf = async (name: string, host: string): Promise<readonly FileResource[]> => {
  const instance = instancesOf(topology, name).find((each) => each.host.name === host);
  if (!instance) throw new Error(`no ${name} on ${host}`);
  return (await resourcesOf(named(name), instance, topology)).filter((resource) => resource.kind === 'file');
};

test.each(['keystone', ...names])(
  'no file of %s with a secret in it can be read by everybody',
  async (name) => {
    const holding = (await filesOf(name, 'ctl01')).filter(({ content }) => content.includes('secret-of-'));
    expect(holding.length).toBeGreaterThan(0);
    for (const { path, mode } of holding) expect(mode, path).toMatch(/^06[04]0$/);
  },
);

test.each(['keystone', ...names])(
  '%s listens on the own address of its host and nowhere else',
  async (name) => {
    const sockets = instancesOf(topology, name).flatMap((instance) =>
      named(name).sockets(instance, topology),
    );
    expect(new Set(sockets.map(({ address }) => address))).toEqual(
      new Set(['10.77.0.11', '10.77.0.12', '10.77.0.13']),
    );
    const texts = (await filesOf(name, 'ctl02')).map(({ content }) => content).join('\n');
    expect(texts).toMatch(/--http-socket 10\.77\.0\.12:|bind_host = 10\.77\.0\.12/);
  },
);

test('each host begins with another member of the broker, and knows all of them', async () => {
  const firsts = await Promise.all(
    ['ctl01', 'ctl02', 'ctl03'].map(async (host) => {
      const [config] = (await filesOf('nova', host)).filter(({ path }) => path === '/etc/nova/nova.conf');
      const url = /^transport_url = (.*)$/m.exec(config?.content ?? '')?.[1] ?? '';
      expect(url.match(/10\.77\.0\.1[123]:5672/g)).toHaveLength(3);
      return /@([^:]+):/.exec(url)?.[1];
    }),
  );
  expect(new Set(firsts).size).toBe(3);
});

test('a store of images that each host has for itself is refused, with what to do', () => {
  const mistakes = (shared: boolean) =>
    glance.mistakes?.(
      instancesOf(topology, 'glance').map((instance) => ({
        ...instance,
        settings: glance.settings.parse({ store: { shared } }),
      })),
      topology,
    );
  expect(mistakes(true)).toEqual([]);
  expect(mistakes(false)).toMatchObject([{ severity: 'error', path: ['store', 'shared'] }]);
});

test('what services say to each other goes through the control VIP, TLS verified', async () => {
  for (const name of names) {
    const texts = (await filesOf(name, 'ctl01')).map(({ content }) => content).join('\n');
    const urls = [...texts.matchAll(/^auth_url = (.*)$/gm)].map(([, url]) => url);
    expect(new Set(urls), name).toEqual(new Set(['https://internal.cloud.lab:5000/v3']));
    expect(texts.match(/^cafile = /gm)?.length, name).toBeGreaterThanOrEqual(urls.length);
  }
});
