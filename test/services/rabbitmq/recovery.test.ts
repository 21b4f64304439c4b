import { expect, test } from 'vitest';
import { McpError } from '../../../src/model/failure.ts';
import type { HostObservation, ObservedState, UnitRecord } from '../../../src/model/observed.ts';
import { rabbitmq } from '../../../src/services/rabbitmq/index.ts';
import { rabbitmqRecovery } from '../../../src/services/rabbitmq/recovery.ts';
import { aTopology, fiveHosts, instancesFor } from '../../support/topology.ts';
import { observedWith, reply } from './observed.ts';

const topology = aTopology();
const instances = instancesFor('rabbitmq', rabbitmq.settings.parse({}), fiveHosts().slice(0, 3));
const unit = 'rabbitmq-server.service';

/** `up`, a state of the unit, or `silent`; and whom the member last saw running. */
type Told = readonly [state: 'up' | 'activating' | 'inactive' | 'silent', seen?: string];

function observed(...told: readonly [Told, Told, Told]): ObservedState {
  const record: UnitRecord = { restart: 'x', reload: 'y' };
  return {
    hosts: new Map(
      told.map(([state, seen], index): [string, HostObservation] => {
        const host = `ctl0${index + 1}`;
        if (state === 'silent') {
          return [host, { kind: 'unreachable', host, failure: new McpError('unreachable', 'off') }];
        }
        const text = state === 'up' ? reply('healthy') : '';
        const one = observedWith({ [host]: text }, state === 'up' ? 'active' : state).hosts.get(host);
        if (one?.kind !== 'reachable') throw new Error(`${host} was not made`);
        const nodes = seen?.split(' ').map((name) => `rabbit@${name}`) ?? [];
        const stdout = seen === undefined ? 'data=none\n' : `seen=${nodes.join(' ')}\n`;
        const probes = new Map([...one.probes, ['rabbitmq.last-seen', { exitCode: 0, stdout }]]);
        return [host, { ...one, probes, records: new Map([[unit, record]]) }];
      }),
    ),
  };
}

const plan = (state: ObservedState, ...without: readonly string[]) =>
  rabbitmqRecovery.plan({
    ...{ instances, topology, observed: state, without, from: undefined },
    resting: new Set<string>(),
  });
const outage = (state: ObservedState) => rabbitmqRecovery.outage(instances, state);

const all = 'ctl01 ctl02 ctl03';

test('while one member is up there is no outage; after a power cut of all they find each other', () => {
  expect(outage(observed(['up'], ['inactive'], ['silent']))).toBeUndefined();
  expect(outage(observed(['activating'], ['activating'], ['activating']))).toMatchObject({ kind: 'heals' });
});

test('a first deploy that was cut off is no outage', () => {
  expect(outage(observedWith({ ctl01: '', ctl02: 'not-installed\n' }, 'inactive'))).toBeUndefined();
});

test('whoever is waited for is said, with what goes on without', () => {
  expect(outage(observed(['activating', all], ['activating', all], ['silent']))).toMatchObject({
    kind: 'stuck',
    message: 'RabbitMQ: ctl01 and ctl02 wait for ctl03',
    hint: 'Bring ctl03 back; `mcp recover --without ctl03` goes on without.',
  });
});

test('all that have stopped are started together, in whatever order they did', () => {
  const state = observed(['inactive', all], ['inactive', 'ctl02 ctl03'], ['inactive', 'ctl03']);
  expect(outage(state)?.kind).toBe('stuck');
  expect(plan(state)?.stages.map(({ title }) => title)).toEqual([
    'Start RabbitMQ on ctl01 and ctl02 and ctl03',
  ]);
  expect(plan(state)?.losses).toEqual([]);
});

test('the last one is gone for good: whoever stopped before it begins, once the operator has given it up', () => {
  const state = observed(['inactive', all], ['inactive', 'ctl02 ctl03'], ['silent']);
  expect(plan(state)?.refusals.map(({ message }) => message)).toEqual([
    'ctl03 does not answer: it may have messages that no other member of RabbitMQ has',
  ]);
  expect(plan(state, 'ctl03')).toMatchObject({
    truth: 'the queues as ctl02 knows them, which stopped last',
    losses: ['messages that only ctl03 has: should it return, they are put aside there'],
    refusals: [],
  });
  expect(plan(state, 'ctl03')?.stages.map(({ title }) => title)).toEqual([
    'Stop the members of RabbitMQ that wait',
    'Begin with RabbitMQ on ctl02',
    'Start RabbitMQ on ctl01',
  ]);
});

test('one that has lost its data is left out, as one that does not answer; where all have, nobody can begin', () => {
  const state = observed(['inactive', all], ['inactive', all], ['inactive']);
  expect(plan(state)?.refusals.map(({ message }) => message)).toEqual([
    'ctl03 has lost its data or is in maintenance: it may have messages that no other member of RabbitMQ has',
  ]);
  expect(plan(state, 'ctl03')?.stages.at(-1)?.title).toBe('Start RabbitMQ on ctl02');
  expect(plan(observed(['inactive'], ['inactive'], ['silent']), 'ctl03')?.refusals).toHaveLength(1);
});

test('most of them run and only their management takes nobody: that is no outage that we know of', () => {
  const one = observedWith({ ctl01: '', ctl02: '' }, 'active').hosts;
  const record: UnitRecord = { restart: 'x', reload: 'y' };
  const running = new Map(
    [...one].map(([name, now]) => [name, { ...now, records: new Map([[unit, record]]) }]),
  );
  expect(outage({ hosts: running })).toBeUndefined();
});

test('one that had stopped before all others is not missed', () => {
  const state = observed(['inactive', 'ctl01 ctl02'], ['activating', 'ctl02'], ['silent']);
  expect(plan(state)).toMatchObject({ refusals: [], losses: [] });
});

test('cut off halfway, the next starts who is still stopped', () => {
  const state = observed(['inactive', all], ['up'], ['silent']);
  expect(plan(state)?.stages.map(({ title }) => title)).toEqual(['Start RabbitMQ on ctl01']);
  expect(plan(observed(['up'], ['up'], ['silent']))).toBeUndefined();
});
