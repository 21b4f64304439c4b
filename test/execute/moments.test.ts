import { expect, test } from 'vitest';
import { asAt, type Moment, mayHoldAt } from '../../src/execute/moments.ts';
import { type Batch, planWith } from '../../src/model/plan.ts';
import { staged } from '../../src/model/stage.ts';
import type { Topology } from '../../src/model/topology.ts';
import { keepalived } from '../../src/services/keepalived/index.ts';
import { aTopology, hostNamed } from '../support/topology.ts';

const roles = { both: ['control', 'database'], one: ['control'] } as const;

/** A load balancer on two hosts, the second of which is to give the database up and keeps the APIs. */
function topologyWith(second: keyof typeof roles): Topology {
  const hosts = [
    hostNamed('ctl01', { address: '10.0.0.1', roles: roles.both }),
    hostNamed('ctl02', { address: '10.0.0.2', roles: roles[second] }),
  ];
  const topology = aTopology({ hosts });
  const instances = hosts.map((host) => ({ service: 'haproxy', host, settings: {}, members: hosts }));
  return { ...topology, hosts, instances };
}

const stop: Batch = {
  id: 1,
  service: 'haproxy',
  title: 'HAProxy gives up what it no longer needs on ctl02',
  hosts: [
    {
      host: 'ctl02',
      steps: [{ kind: 'unit', unit: 'haproxy-sql.service', action: 'retire', record: undefined }],
    },
  ],
  disruptive: true,
  capacity: '',
  leaving: [],
};
const plan = planWith('lab', [stop]);

function rolesOfSecond(moment: Moment): readonly string[] {
  const topology = topologyWith('both');
  const course = { plan, topology, wanted: topologyWith('one'), desired: { hosts: new Map() } };
  const asNow = asAt(moment, { ...course, observed: { hosts: new Map() } });
  const there = staged(topology, () => true, { asNow });
  return there.instances.find(({ host }) => host.name === 'ctl02')?.host.roles ?? [];
}

test('a host that gives a role up is judged with it until what serves it there has stopped, and not after', () => {
  expect(rolesOfSecond({ kind: 'begin' })).toEqual(roles.both);
  expect(rolesOfSecond({ kind: 'before', batch: 1 })).toEqual(roles.both);
  expect(rolesOfSecond({ kind: 'after', batch: 1 })).toEqual(roles.one);
  expect(rolesOfSecond({ kind: 'end' })).toEqual(roles.one);
});

/** What clients are let in by on ctl02, which is new to the database; all else is as the world is. */
const admission = {
  ...keepalived,
  newWays: ({ host }: { readonly host: { readonly name: string } }) =>
    host.name === 'ctl02' ? (['database'] as const) : [],
};

test('a host that is new to a role is no candidate of its VIPs before what lets clients in there has been told', () => {
  const topology = topologyWith('both');
  const instances = topology.hosts.map((host) => ({
    ...{ service: 'keepalived', host, settings: {}, members: topology.hosts },
  }));
  const batches: readonly Batch[] = [
    stop,
    { ...stop, id: 2, service: 'keepalived', title: 'Keepalived on ctl02' },
  ];
  const candidatesAt = (moment: Moment) => {
    const course = { plan: planWith('lab', batches), topology: { ...topology, instances } };
    const mayHold = mayHoldAt(moment, {
      ...{ ...course, desired: { hosts: new Map() }, observed: { hosts: new Map() }, services: [admission] },
    });
    return (['control', 'database'] as const).map((role) => mayHold(role, 'ctl02'));
  };
  // HAProxy serves the database there by then.
  expect(candidatesAt({ kind: 'after', batch: 1 })).toEqual([true, false]);
  expect(candidatesAt({ kind: 'before', batch: 2 })).toEqual([true, false]);
  expect(candidatesAt({ kind: 'after', batch: 2 })).toEqual([true, true]);
});
