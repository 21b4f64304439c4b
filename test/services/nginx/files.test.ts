import { describe, expect, test } from 'vitest';
import { nginx } from '../../../src/services/nginx/index.ts';
import { expectGolden, resourcesOf } from '../../support/golden.ts';
import { coreListeners } from '../../support/listeners.ts';
import { aTopology, fiveHosts, instancesFor, threeHosts, usualVips } from '../../support/topology.ts';

const settings = nginx.settings.parse({});

describe.each([
  ['five-bookworm', fiveHosts('bookworm')],
  ['five-trixie', fiveHosts('trixie')],
  ['three-bookworm', threeHosts('bookworm')],
] as const)('%s', (layout, hosts) => {
  const topology = aTopology({ hosts, listeners: coreListeners(hosts) });
  const members = hosts.filter(({ roles }) => roles.includes('proxy'));

  test('files and units', async () => {
    await expectGolden(nginx, instancesFor('nginx', settings, members).slice(0, 2), { layout, topology });
  });
});

const configWith = async (wanted: Parameters<typeof aTopology>[0], values = {}) => {
  const hosts = fiveHosts();
  const topology = aTopology({ hosts, listeners: coreListeners(hosts), ...wanted });
  const [instance] = instancesFor('nginx', nginx.settings.parse(values), hosts.slice(3));
  if (!instance) throw new Error('no instance');
  const resources = await resourcesOf(nginx, instance, topology);
  const config = resources.find(
    (resource) => resource.kind === 'file' && resource.path === '/etc/nginx/nginx.conf',
  );
  return config?.kind === 'file' ? config.content : '';
};

test('it listens on VIPs and the loopback only', async () => {
  const config = await configWith({});
  expect([...config.matchAll(/^ *listen ([^ ;]+)/gm)].map(([, address]) => address)).toEqual([
    '127.0.0.1:8406',
    '10.77.0.102:80',
    '10.77.0.102:443',
    // Where the host itself looks whether clients would be served.
    '127.0.71.61:443',
  ]);
});

test('a VIP without TLS has no certificate, no redirect and no HSTS', async () => {
  const vips = usualVips(fiveHosts()).map((vip) => ({ ...vip, tls: false }));
  const config = await configWith({ vips });
  expect(config).not.toMatch(/ssl_certificate|return 301|Strict-Transport-Security "/);
});

test('HSTS can be switched off', async () => {
  expect(await configWith({}, { hstsSeconds: 0 })).not.toContain('add_header Strict-Transport-Security');
});

test('listeners of other roles are not served here', async () => {
  expect(await configWith({})).not.toMatch(/rabbitmq|galera/);
});

test('a VIP without a certificate is refused with what to do', async () => {
  const hosts = fiveHosts();
  const topology = { ...aTopology({ hosts }), certificates: { authority: undefined, vips: {} } };
  const [instance] = instancesFor('nginx', settings, hosts.slice(3));
  if (!instance) throw new Error('no instance');
  await expect(resourcesOf(nginx, instance, topology)).rejects.toMatchObject({ code: 'invalid-inventory' });
});
