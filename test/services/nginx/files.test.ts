import { describe, expect, test } from 'vitest';
import { nginx } from '../../../src/services/nginx/index.ts';
import { expectGolden, resourcesOf } from '../../support/golden.ts';
import { coreListeners } from '../../support/listeners.ts';
import { wholeTopology } from '../../support/openstack.ts';
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

test('it reads the authority of what is behind it again when that changes', async () => {
  const topology = wholeTopology(fiveHosts());
  const [instance] = instancesFor('nginx', settings, fiveHosts().slice(3));
  if (!instance) throw new Error('no instance');
  const unit = (await resourcesOf(nginx, instance, topology)).find(({ kind }) => kind === 'unit');
  expect(unit).toMatchObject({
    reloadOn: expect.arrayContaining([`/usr/local/share/ca-certificates/mcp-${topology.cloud}.crt`]),
  });
});

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

test('open files follow from connections, and what workers share from the number of servers', async () => {
  const usual = await configWith({});
  expect(usual).toContain('worker_rlimit_nofile 16384;');
  expect(usual).not.toMatch(/zone \S+ (?!64k)/);
  expect(await configWith({}, { workerConnections: 20_000 })).toContain('worker_rlimit_nofile 40512;');

  const [dashboard] = coreListeners(fiveHosts()).filter(({ role }) => role === 'proxy');
  if (!dashboard) throw new Error('no listener of the proxies');
  const servers = Array.from({ length: 32 }, (_, index) => ({
    host: `prx${index}`,
    address: `10.77.0.${150 + index}`,
    port: 8080,
  }));
  expect(await configWith({ listeners: [{ ...dashboard, servers }] })).toContain(
    `zone ${dashboard.name} 128k;`,
  );
});

test('listeners of other roles are not served here', async () => {
  expect(await configWith({})).not.toMatch(/rabbitmq|galera/);
});

describe('who tries passwords', () => {
  test.each([
    ['POST', '/v3/auth/tokens', true],
    // Keystone takes it for the same.
    ['POST', '/v3/auth/tokens/', true],
    ['POST', '/v3/users/0a1b/password', true],
    ['POST', '/auth/login/', true],
    ['POST', '/auth/password/0a1b/', true],
    ['GET', '/v3/auth/tokens', false],
    ['HEAD', '/v3/auth/tokens', false],
    ['DELETE', '/v3/auth/tokens', false],
    ['POST', '/v3/users', false],
    ['POST', '/v3/auth/tokens/OS-PKI/revoked', false],
    ['POST', '/v2.1/servers', false],
    ['GET', '/auth/login/', false],
  ])('%s %s: counted is %s', async (method, path, isCounted) => {
    const config = await wholeConfig();
    const counted = [...config.matchAll(/^ {4}"~(\S+ .*)" \$binary_remote_addr;$/gm)].map(
      ([, expression = '']) => new RegExp(expression),
    );
    expect(counted).toHaveLength(4);
    const matches = (isBounded: 0 | 1) =>
      counted.some((expression) => expression.test(`${isBounded} ${method} ${path}`));
    expect(matches(1)).toBe(isCounted);
    // Of a network that is not bounded.
    expect(matches(0)).toBe(false);
  });

  test('is held up where passwords are taken, and nowhere else', async () => {
    const bounded = (await sitesOf()).filter(({ text }) => text.includes('limit_req zone=sign-in burst=100'));
    expect(bounded.map(({ listen }) => listen)).toEqual(['10.77.0.102:443', '10.77.0.102:5000']);
  });

  test.each([
    ['the networks from where the control VIP answers too', {}, ['10.77.0.0/24']],
    ['those that the operator names', { signInUnlimited: ['192.0.2.0/24'] }, ['192.0.2.0/24']],
    ['nobody', { signInUnlimited: [] }, []],
  ])('is not bounded: %s', async (_who, values, networks) => {
    const [, list = ''] = /geo \$is_bounded \{([^}]*)\}/.exec(await wholeConfig(values)) ?? [];
    expect([...list.matchAll(/^ *([0-9./]+) 0;$/gm)].map(([, network]) => network)).toEqual(networks);
  });

  test('is left to the operator who bounds it elsewhere', async () => {
    expect(await wholeConfig({ signInsPerMinute: 0 })).not.toMatch(/limit_req|geo|tries_password/);
  });
});

test.each([['10.0.0.0'], ['everybody'], ['10.0.0.0/24; deny all'], ['2001:db8::/32']])(
  '%s is no network whose clients sign in as often as they like',
  (network) => {
    expect(nginx.settings.safeParse({ signInUnlimited: [network] }).success).toBe(false);
  },
);

test('browsers are told what the pages of the dashboard may load; APIs have none', async () => {
  const told = (await sitesOf()).filter(({ text }) => text.includes('add_header Content-Security-Policy'));
  expect(told.map(({ listen }) => listen)).toEqual(['10.77.0.102:443']);
});

const wholeConfig = async (values = {}): Promise<string> => {
  const hosts = fiveHosts();
  const [instance] = instancesFor('nginx', nginx.settings.parse(values), hosts.slice(3));
  if (!instance) throw new Error('no instance');
  const resources = await resourcesOf(nginx, instance, wholeTopology(hosts));
  const config = resources.find(
    (resource) => resource.kind === 'file' && resource.path === '/etc/nginx/nginx.conf',
  );
  return config?.kind === 'file' ? config.content : '';
};

/** What clients reach, by where. */
const sitesOf = async (): Promise<readonly { readonly listen: string; readonly text: string }[]> =>
  (await wholeConfig())
    .split(/^ {2}server \{$/m)
    .flatMap((text) =>
      [...text.matchAll(/listen (\S+) ssl http2 so_/g)].map(([, listen = '']) => ({ listen, text })),
    );

test('a VIP without a certificate is refused with what to do', async () => {
  const hosts = fiveHosts();
  const topology = {
    ...aTopology({ hosts }),
    certificates: { authority: undefined, vips: {}, hosts: {}, issuers: [] },
  };
  const [instance] = instancesFor('nginx', settings, hosts.slice(3));
  if (!instance) throw new Error('no instance');
  await expect(resourcesOf(nginx, instance, topology)).rejects.toMatchObject({ code: 'invalid-inventory' });
});
