import { expect, test } from 'vitest';
import { rabbitmq } from '../../../src/services/rabbitmq/index.ts';
import { aTopology, fiveHosts, instancesFor } from '../../support/topology.ts';
import { observedWith, reply } from './observed.ts';

const topology = aTopology();
const units = new Set(['rabbitmq-server.service']);
const settings = rabbitmq.settings.parse({});
const instances = instancesFor('rabbitmq', settings, fiveHosts().slice(0, 3));
const healthy = reply('healthy').replaceAll(/"node":"rabbit@ctl0\d"/g, '"node":"rabbit@ctl01"');
const well = observedWith({ ctl01: healthy, ctl02: healthy, ctl03: healthy });
const limping = observedWith({ ctl01: healthy, ctl02: healthy, ctl03: '' });

const order = (observed: typeof well) =>
  rabbitmq.order?.(instances, topology, observed).map(({ host }) => host.name);

test('the member that leads notification queues changes last', () => {
  expect(order(well)).toEqual(['ctl02', 'ctl03', 'ctl01']);
});

test('the member that is unwell changes first', () => {
  expect(order(limping)?.[0]).toBe('ctl03');
});

test('a running member is drained when the others can do without it, one that is down is not asked', () => {
  const [first, , third] = instances;
  if (!first || !third) throw new Error('no instances');
  const script = rabbitmq.leave?.(first, topology, well, units).at(0)?.script ?? '';
  expect(script.indexOf('await_online_synchronized_mirror')).toBeLessThan(script.indexOf('drain'));
  expect(rabbitmq.leave?.(third, topology, limping, units)).toEqual([]);
  expect(rabbitmq.capacity?.(first, topology, limping, units)).toBe('RabbitMQ 1 of 3');
});

test('RabbitMQ 4 is not asked for mirrors, which it does not know', () => {
  const [first] = instancesFor('rabbitmq', settings, fiveHosts('trixie').slice(0, 3));
  if (!first) throw new Error('no instance');
  expect(rabbitmq.leave?.(first, topology, well, units).at(0)?.script).not.toContain('mirror');
});

test('the drill stops the member that leads, so that a queue has to move', () => {
  const [fault] = rabbitmq.faults?.(instances, topology) ?? [];
  expect(fault?.strike(well)).toMatchObject({ blows: [{ host: 'ctl01' }] });
});

test('status shows members, policies and queues', () => {
  const sections = rabbitmq.status?.(instances, topology, limping) ?? [];
  expect(sections.map(({ title }) => title)).toEqual([
    'RabbitMQ nodes',
    'RabbitMQ policies',
    'RabbitMQ queues',
  ]);
  expect(sections[0]?.rows.map(([host, , state]) => `${host} ${state}`)).toEqual([
    'ctl01 running',
    'ctl02 running',
    'ctl03 down',
  ]);
  for (const { columns, rows } of sections) for (const row of rows) expect(row).toHaveLength(columns.length);
});
