import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/model/secret.ts';
import { passwordHash } from '../../../src/services/rabbitmq/definitions.ts';
import { rabbitmq } from '../../../src/services/rabbitmq/index.ts';
import { notificationPattern } from '../../../src/services/rabbitmq/policies.ts';
import { expectGolden, resourcesOf } from '../../support/golden.ts';
import { aTopology, fiveHosts, instancesFor, secretsNamed, threeHosts } from '../../support/topology.ts';

const settings = rabbitmq.settings.parse({});
const secrets = secretsNamed(...(rabbitmq.secrets?.(settings) ?? []).map(({ name }) => name));

describe.each([
  ['five-bookworm', fiveHosts('bookworm')],
  ['five-trixie', fiveHosts('trixie')],
  ['three-bookworm', threeHosts('bookworm')],
] as const)('%s', (layout, hosts) => {
  const topology = aTopology({ hosts, secrets });
  const members = hosts.filter(({ roles }) => roles.includes('messaging'));
  const instances = instancesFor('rabbitmq', settings, members);

  test('files and units', async () => {
    await expectGolden(rabbitmq, instances.slice(0, 2), { layout, topology });
  });

  test('no file that everybody may read holds a secret', async () => {
    for (const instance of instances) {
      for (const resource of await resourcesOf(rabbitmq, instance, topology)) {
        if (resource.kind === 'file' && resource.mode.endsWith('4'))
          expect(resource.content).not.toContain('secret-of');
      }
    }
  });
});

async function definitionsOn(release: 'bookworm' | 'trixie') {
  const hosts = fiveHosts(release).slice(0, 3);
  const [instance] = instancesFor('rabbitmq', settings, hosts);
  if (!instance) throw new Error('no instance');
  const resources = await resourcesOf(rabbitmq, instance, aTopology({ hosts, secrets }));
  const file = resources.find(
    (resource) => resource.kind === 'file' && resource.path.endsWith('definitions.json'),
  );
  return JSON.parse(file?.kind === 'file' ? file.content : '{}');
}

test('the policy mirrors notifications on two members and bounds them', async () => {
  const { policies } = await definitionsOn('bookworm');
  const mirroring = policies.filter(({ definition }: { definition: object }) => 'ha-mode' in definition);
  expect(mirroring.map(({ vhost }: { vhost: string }) => vhost)).toEqual(['openstack', 'mcp_drill']);
  expect(mirroring[0]).toMatchObject({
    pattern: notificationPattern,
    definition: { 'ha-mode': 'exactly', 'ha-params': 2, 'ha-sync-mode': 'automatic', overflow: 'drop-head' },
  });
  for (const { definition } of policies) expect(definition).toHaveProperty('message-ttl');
  for (const { definition } of policies) expect(definition).toHaveProperty('max-length');
});

describe('RabbitMQ 4', () => {
  test('has quorum queues where notifications are, and is told of no mirrors', async () => {
    const definitions = await definitionsOn('trixie');
    expect(JSON.stringify(definitions)).not.toContain('ha-mode');
    expect(definitions.vhosts).toEqual([
      { name: 'openstack' },
      { name: 'openstack_notifications', metadata: { default_queue_type: 'quorum' } },
      { name: 'mcp_drill', metadata: { default_queue_type: 'quorum' } },
    ]);
  });

  test('every virtual host has the same bounds', async () => {
    const { policies } = await definitionsOn('trixie');
    const of = (vhost: string) =>
      policies
        .filter((policy: { vhost: string }) => policy.vhost === vhost)
        .map((policy: object) => ({ ...policy, vhost: '' }));
    expect(of('openstack_notifications')).toHaveLength(2);
    expect(of('openstack_notifications')).toEqual(of('openstack'));
    expect(of('openstack_notifications')).toEqual(of('mcp_drill'));
  });

  test('lets the services in where notifications are, and who watches look', async () => {
    const { permissions } = await definitionsOn('trixie');
    const there = permissions.filter(({ vhost }: { vhost: string }) => vhost === 'openstack_notifications');
    expect(
      there.map(({ user, configure }: { user: string; configure: string }) => [user, configure]),
    ).toEqual([
      ['openstack', '.*'],
      ['mcp_monitor', '^$'],
    ]);
  });
});

test('where RabbitMQ mirrors, notifications and calls share a virtual host', async () => {
  expect((await definitionsOn('bookworm')).vhosts).toEqual([{ name: 'openstack' }, { name: 'mcp_drill' }]);
  const brokerOn = (release: 'bookworm' | 'trixie') =>
    rabbitmq.broker?.(instancesFor('rabbitmq', settings, fiveHosts(release).slice(0, 3)));
  expect(brokerOn('bookworm')?.notifications).toBeUndefined();
  expect(brokerOn('trixie')?.notifications).toEqual({ virtualHost: 'openstack_notifications' });
});

test.each([
  ['notifications.info', true],
  ['notifications.mcp_drill.run', true],
  ['versioned_notifications.error', true],
  ['metering.sample', true],
  ['notifications', false],
  ['conductor', false],
  ['reply_4d2b', false],
  ['my_notifications.info', false],
])('queue %s is one of notifications: %s', (name, expected) => {
  expect(new RegExp(notificationPattern).test(name)).toBe(expected);
});

test('a password gives the same hash each time, and RabbitMQ can check it', () => {
  const hash = passwordHash(new Secret('correct horse'), 'lab/openstack');
  expect(passwordHash(new Secret('correct horse'), 'lab/openstack')).toBe(hash);
  expect(passwordHash(new Secret('correct horse'), 'other/openstack')).not.toBe(hash);
  const bytes = Buffer.from(hash, 'base64');
  const again = createHash('sha256').update(bytes.subarray(0, 4)).update('correct horse').digest();
  expect(bytes.subarray(4).equals(again)).toBe(true);
});

test('only members reach the distribution and the port mapper', () => {
  const hosts = fiveHosts();
  const [instance] = instancesFor('rabbitmq', settings, hosts.slice(0, 3));
  if (!instance) throw new Error('no instance');
  const sockets = rabbitmq.sockets(instance, { hosts, vips: [] });
  const from = (port: number) => sockets.find((socket) => socket.port === port)?.from;
  expect(from(25672)).toEqual(['10.77.0.11', '10.77.0.12', '10.77.0.13']);
  expect(from(4369)).toEqual(from(25672));
  expect(from(5672)).toBe('anyone');
  expect(from(5671)).toBeUndefined();
});
