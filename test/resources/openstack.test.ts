import { expect, test } from 'vitest';
import { instancesOf } from '../../src/model/topology.ts';
import { drainSteps, firstStartOf, returnSteps } from '../../src/resources/openstack/index.ts';
import { nova as novaService } from '../../src/services/nova/index.ts';
import { resourcesOf } from '../support/golden.ts';
import { observed, observedHost, unreachableHost } from '../support/observed.ts';
import { wholeTopology } from '../support/openstack.ts';
import { fiveHosts } from '../support/topology.ts';

const topology = wholeTopology(fiveHosts());
const [nova] = instancesOf(topology, 'nova');
if (!nova) throw new Error('no instance');

const withBalancer = (host: string, state: string) =>
  observedHost(host, { units: { 'haproxy-api.service': state } });

test('every load balancer that runs is told to send nothing more, and later to send again', () => {
  const now = observed(
    withBalancer('ctl01', 'active'),
    withBalancer('ctl02', 'inactive'),
    withBalancer('ctl03', 'active'),
  );
  for (const [steps, state] of [
    [drainSteps(nova, topology, now), 'drain'],
    [returnSteps(nova, topology, now), 'ready'],
  ] as const) {
    expect(steps.map(({ host }) => host)).toEqual(['ctl01', 'ctl03']);
    for (const { script } of steps) {
      // Both of its APIs, of this host and of no other.
      expect(script.match(/^state .*$/gm)).toEqual([
        `state nova/ctl01 ${state}`,
        `state nova-metadata/ctl01 ${state}`,
      ]);
      // What a reload of the load balancer would forget is written down.
      expect(script).toContain('/usr/lib/mcp/haproxy-keep-state haproxy-api');
    }
  }
});

const schema = { unit: 'nova-conductor.service', title: 'make the schema', prepare: 'make-it' };
const instances = instancesOf(topology, 'nova');
const started = (host: string) =>
  observedHost(host, { records: new Map([[schema.unit, { restart: 'x', reload: 'x' }]]) });

test('a schema is made before the first instance starts, and never again once one was started', () => {
  const fresh = observed(observedHost('ctl01'), observedHost('ctl02'), observedHost('ctl03'));
  const bootstrap = firstStartOf(schema, instances, fresh);
  expect(bootstrap).toMatchObject({ host: 'ctl01', unit: schema.unit });
  expect(bootstrap?.script).toMatch(/make-it[\s\S]*systemctl start nova-conductor\.service/);
  const later = observed(observedHost('ctl01'), started('ctl02'), observedHost('ctl03'));
  expect(firstStartOf(schema, instances, later)).toBeUndefined();
});

test('a host that does not answer does not keep the others from getting their schema', () => {
  const without = observed(unreachableHost('ctl01'), observedHost('ctl02'), observedHost('ctl03'));
  expect(firstStartOf(schema, instances, without)).toMatchObject({ host: 'ctl02' });
});

test('on a host in maintenance nothing takes messages: what does so stops, and stays so over a power cycle', async () => {
  const instance = { ...nova, settings: novaService.settings.parse({}) };
  const { rest } = novaService;
  expect(rest?.mark(instance)).toMatch(/\nsystemctl stop nova-conductor.service nova-scheduler.service\n$/);
  expect(rest?.unmark(instance)).toContain(
    'systemctl start --no-block nova-conductor.service nova-scheduler.service',
  );
  const resources = await resourcesOf(novaService, instance, topology);
  const conditions = resources.flatMap((each) =>
    each.kind === 'file' && each.content.includes('ConditionPathExists=!/var/lib/mcp/maintenance/nova')
      ? [each.path.split('/')[4]]
      : [],
  );
  expect(conditions).toEqual(['nova-conductor.service.d', 'nova-scheduler.service.d']);
  for (const resource of resources) {
    if (resource.kind === 'unit') expect(resource.restartOn.join()).not.toContain('mcp-rest.conf');
  }
  const carried = (state: string) =>
    novaService.carries?.(
      instance,
      topology,
      observed(observedHost('ctl01', { units: { 'nova-conductor.service': state } })),
    );
  expect(carried('active')).toEqual(['takes messages with nova-conductor.service']);
  expect(carried('inactive')).toEqual([]);
});
