import { describe, expect, test } from 'vitest';
import { horizon } from '../../../src/services/horizon/index.ts';
import { expectGolden, resourcesOf } from '../../support/golden.ts';
import { wholeTopology } from '../../support/openstack.ts';
import { aTopology, fiveHosts, instancesFor, threeHosts, usualVips } from '../../support/topology.ts';

const settings = horizon.settings.parse({});

describe.each([
  ['five-bookworm', fiveHosts('bookworm')],
  ['five-trixie', fiveHosts('trixie')],
  ['three-bookworm', threeHosts('bookworm')],
] as const)('%s', (layout, hosts) => {
  const topology = wholeTopology(hosts);
  const members = hosts.filter(({ roles }) => roles.includes('proxy'));

  test('files and units', async () => {
    await expectGolden(horizon, instancesFor('horizon', settings, members).slice(0, 2), { layout, topology });
  });
});

test('browsers may ask by the name and the address of the public VIP, and by the names that the operator adds', async () => {
  const hosts = fiveHosts();
  const [instance] = instancesFor(
    'horizon',
    horizon.settings.parse({ hostNames: ['dashboard.example.org'] }),
    hosts.slice(3),
  );
  if (!instance) throw new Error('no instance');
  const resources = await resourcesOf(horizon, instance, wholeTopology(hosts));
  const file = resources.find((resource) => resource.kind === 'file' && resource.path.endsWith('.py'));
  expect(file?.kind === 'file' ? file.content : '').toContain(
    "ALLOWED_HOSTS = ['cloud.lab', '10.77.0.102', 'dashboard.example.org', '10.77.0.14', 'localhost', '127.0.0.1']",
  );
  expect(file).toMatchObject({ mode: '0640', group: 'www-data' });
});

test('browsers load nothing of its pages from elsewhere, but what the operator names', () => {
  const hosts = fiveHosts();
  const wanted = horizon.settings.parse({ otherOrigins: ['https://consoles.example.org:6080'] });
  const policyWith = (values: typeof settings) =>
    horizon.listeners?.(instancesFor('horizon', values, hosts.slice(3)), {
      ...aTopology({ hosts }),
      vips: usualVips(hosts),
    })[0]?.pagePolicy;
  const elsewhere = /[*]|https?:|wss?:/;
  expect(policyWith(settings)?.filter((directive) => elsewhere.test(directive))).toEqual([]);
  expect(policyWith(wanted)?.filter((directive) => elsewhere.test(directive))).toEqual([
    "connect-src 'self' https://consoles.example.org:6080",
    "frame-src 'self' https://consoles.example.org:6080",
  ]);
});

test.each([
  ['*'],
  ['https:'],
  ['http://consoles.example.org'],
  ['https://a.example; script-src *'],
  ['https://*'],
])('%s is no origin that pages may show', (origin) => {
  expect(horizon.settings.safeParse({ otherOrigins: [origin] }).success).toBe(false);
});

test('the page is on the public VIP, with every proxy behind it and its statics on the disk of the proxy', () => {
  const hosts = fiveHosts();
  const [listener] =
    horizon.listeners?.(instancesFor('horizon', settings, hosts.slice(3)), {
      ...aTopology({ hosts }),
      vips: usualVips(hosts),
    }) ?? [];
  expect(listener).toMatchObject({
    role: 'proxy',
    port: 443,
    servers: [
      { host: 'prx01', address: '10.77.0.14', port: 8080 },
      { host: 'prx02', address: '10.77.0.15', port: 8080 },
    ],
    statics: [{ prefix: '/static' }],
  });
});
