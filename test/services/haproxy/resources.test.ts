import { describe, expect, test } from 'vitest';
import { haproxy } from '../../../src/services/haproxy/index.ts';
import { expectGolden, resourcesOf } from '../../support/golden.ts';
import { coreListeners } from '../../support/listeners.ts';
import { aTopology, fiveHosts, instancesFor, threeHosts, usualVips } from '../../support/topology.ts';

const settings = haproxy.settings.parse({});

describe.each([
  ['five-bookworm', fiveHosts('bookworm')],
  ['five-trixie', fiveHosts('trixie')],
  ['three-bookworm', threeHosts('bookworm')],
] as const)('%s', (layout, hosts) => {
  const topology = aTopology({
    hosts,
    listeners: coreListeners(hosts),
    fronts: haproxy.fronts?.(settings) ?? [],
  });
  const members = hosts.filter(({ roles }) => roles.includes('control'));

  test('files and units', async () => {
    await expectGolden(haproxy, instancesFor('haproxy', settings, members).slice(0, 2), { layout, topology });
  });

  test('every load balancer has the same servers in the same order, for they share the memory of the writer', async () => {
    const configs = await Promise.all(
      instancesFor('haproxy', settings, members).map(async (instance) => {
        const resources = await resourcesOf(haproxy, instance, topology);
        const sql = resources.find(
          (resource) => resource.kind === 'file' && resource.path.endsWith('haproxy-sql.cfg'),
        );
        return sql?.kind === 'file' ? sql.content.replace(/localpeer .*/, '') : undefined;
      }),
    );
    expect(new Set(configs).size).toBe(1);
  });
});

test('a load balancer reads its state where the program that keeps it writes it', async () => {
  const hosts = fiveHosts();
  const [instance] = instancesFor('haproxy', settings, hosts.slice(0, 1));
  if (!instance) throw new Error('no instance');
  const resources = await resourcesOf(haproxy, instance, aTopology({ hosts }));
  const textOf = (end: string) => {
    const file = resources.find((each) => each.kind === 'file' && each.path.endsWith(end));
    return file?.kind === 'file' ? file.content : '';
  };
  const directory = /^directory=(.*)$/m.exec(textOf('/haproxy-keep-state'))?.[1] ?? '';
  expect(directory).toMatch(/^\/var\/lib\/mcp\//);
  expect(textOf('haproxy-api.cfg')).toContain(`server-state-file ${directory}/haproxy-api.state\n`);
});

test('a VIP without a certificate is refused with what to do', async () => {
  const hosts = fiveHosts();
  const topology = {
    ...aTopology({ hosts, vips: usualVips(hosts) }),
    certificates: { authority: undefined, vips: {}, hosts: {}, issuers: [] },
  };
  const [instance] = instancesFor('haproxy', settings, hosts.slice(0, 1));
  if (!instance) throw new Error('no instance');
  await expect(resourcesOf(haproxy, instance, topology)).rejects.toMatchObject({
    code: 'invalid-inventory',
    details: { hint: expect.stringContaining('certs init') },
  });
});
