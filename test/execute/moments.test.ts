import { expect, test } from 'vitest';
import { asAt, type Moment } from '../../src/execute/moments.ts';
import { type Batch, planWith } from '../../src/model/plan.ts';
import { staged } from '../../src/model/stage.ts';
import type { Topology } from '../../src/model/topology.ts';
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
  const there = staged(topology, () => true, asNow);
  return there.instances.find(({ host }) => host.name === 'ctl02')?.host.roles ?? [];
}

test('a host that gives a role up is judged with it until what serves it there has stopped, and not after', () => {
  expect(rolesOfSecond({ kind: 'begin' })).toEqual(roles.both);
  expect(rolesOfSecond({ kind: 'before', batch: 1 })).toEqual(roles.both);
  expect(rolesOfSecond({ kind: 'after', batch: 1 })).toEqual(roles.one);
  expect(rolesOfSecond({ kind: 'end' })).toEqual(roles.one);
});
