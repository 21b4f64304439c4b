import { expect, test } from 'vitest';
import { z } from 'zod';
import { gateRules } from '../../src/execute/gate-rules.ts';
import { everythingIn, type SortedFindings } from '../../src/model/cause.ts';
import type { Check, Finding } from '../../src/model/check.ts';
import type { ObservedState, ReachableHost } from '../../src/model/observed.ts';
import { type Batch, type Plan, planWith } from '../../src/model/plan.ts';
import { defineService, type Service } from '../../src/model/service.ts';
import { runningUnit } from '../../src/resources/index.ts';
import { describeHosts } from '../../src/workflows/describe-hosts.ts';
import { aTopology, hostNamed } from '../support/topology.ts';

const names = ['db1', 'db2', 'db3'];
const hosts = names.map((name, index) =>
  hostNamed(name, { address: `10.0.0.${index + 1}`, roles: ['database'] }),
);

/** A service that is well on a host while the host's probe says so. */
const service = (name: string) =>
  defineService({
    name,
    title: name,
    roles: ['database'],
    after: [],
    settings: z.unknown(),
    rolling: { first: 'one-by-one', later: 'one-by-one' },
    quorum: 'majority',
    sockets: () => [],
    resources: () => [runningUnit(`${name}.service`)],
    checks: () => [
      {
        name: `${name}.well`,
        service: name,
        title: 'well',
        judge: (observed) =>
          names
            .filter((host) => !wellOn(observed, host, name))
            .map((host) => ({
              severity: 'red' as const,
              hosts: [host],
              message: `${name} is ill on ${host}`,
              ...(names.some((other) => wellOn(observed, other, name)) ? {} : { outage: 'service' as const }),
            })),
      },
    ],
  });

const wellOn = (observed: ObservedState, host: string, name: string): boolean => {
  const found = observed.hosts.get(host);
  return found?.kind === 'reachable' && found.probes.get(name)?.stdout === 'well';
};

const services = [service('sql'), service('queue')];
const topology = {
  ...aTopology({ hosts }),
  instances: services.flatMap(({ name }) =>
    hosts.map((host) => ({ service: name, host, settings: {}, members: hosts })),
  ),
};
const desired = describeHosts(topology, services, {
  renderOn: () => () => '',
  overrideOn: (_host, resources) => resources,
});

/** Services that were started, and the places where they are not well. */
function cluster(
  started: readonly string[],
  ill: Readonly<Record<string, readonly string[]>> = {},
): ObservedState {
  const observations = names.map((host): readonly [string, ReachableHost] => [
    host,
    {
      ...nothingSpecial,
      host,
      records: new Map(started.map((name) => [`${name}.service`, { restart: 'x', reload: 'x' }])),
      probes: new Map(
        started.map((name) => [name, { exitCode: 0, stdout: ill[name]?.includes(host) ? 'ill' : 'well' }]),
      ),
    },
  ]);
  return { hosts: new Map(observations) };
}

const nothingSpecial: ReachableHost = {
  kind: 'reachable',
  host: '',
  bootId: '',
  clockSkewMilliseconds: 0,
  clockUncertaintyMilliseconds: 0,
  release: 'bookworm',
  files: new Map(),
  packages: new Map(),
  units: new Map(),
  records: new Map(),
  appliedFiles: new Map(),
  membership: undefined,
  belongings: [],
  probes: new Map(),
  addresses: [],
  cloud: undefined,
  format: undefined,
  diskFreeBytes: 0,
  memoryTotalBytes: 0,
  runningSteps: [],
};

const batch = (id: number, of: string, on: readonly string[], disruptive = true): Batch => ({
  id,
  service: of,
  title: of,
  hosts: on.map((host) => ({ host, steps: [] })),
  disruptive,
  capacity: '',
  leaving: [],
});

const planOf = (...batches: readonly Batch[]): Plan => planWith('lab', batches);

const messages = (closing: SortedFindings) => everythingIn(closing).map(({ finding }) => finding.message);

test('what was well must stay well: an ill member closes the gate after its own change', () => {
  const plan = planOf(batch(1, 'sql', ['db1']), batch(2, 'sql', ['db2']));
  const rules = gateRules({ plan, services, topology, desired, observed: cluster(['sql', 'queue']) });
  const now = cluster(['sql', 'queue'], { sql: ['db1'] });
  expect(messages(rules.closing(now, plan.batches[0] ?? never(), 'after'))).toEqual(['sql is ill on db1']);
});

test('before a change only others count: what is about to be changed may be what is ill', () => {
  const plan = planOf(batch(1, 'sql', ['db1']));
  const rules = gateRules({ plan, services, topology, desired, observed: cluster(['sql', 'queue']) });
  const first = plan.batches[0] ?? never();
  expect(messages(rules.closing(cluster(['sql', 'queue'], { sql: ['db1'] }), first, 'before'))).toEqual([]);
  expect(messages(rules.closing(cluster(['sql', 'queue'], { queue: ['db3'] }), first, 'before'))).toEqual([
    'queue is ill on db3',
  ]);
});

test('a first deploy is judged when it is complete, and what has not begun is not judged at all', () => {
  const plan = planOf(batch(1, 'sql', ['db1'], false), batch(2, 'sql', ['db2', 'db3'], false));
  const rules = gateRules({ plan, services, topology, desired, observed: cluster([]) });
  const [first = never(), second = never()] = plan.batches;
  const now = cluster(['sql'], { sql: ['db2'] });
  expect(messages(rules.closing(now, first, 'after'))).toEqual([]);
  expect(messages(rules.closing(now, second, 'after'))).toEqual(['sql is ill on db2']);
  expect(messages(rules.closingAtEnd(now))).toEqual(['sql is ill on db2']);
});

test('a repair gets through: what was ill before is excused while work that can cure it is ahead', () => {
  const plan = planOf(batch(1, 'sql', ['db1'], false), batch(2, 'sql', ['db2'], false));
  const observed = cluster(['sql', 'queue'], { sql: ['db1', 'db2'] });
  const rules = gateRules({ plan, services, topology, desired, observed });
  const [first = never(), second = never()] = plan.batches;
  const half = cluster(['sql', 'queue'], { sql: ['db2'] });
  expect(messages(rules.closing(observed, first, 'before'))).toEqual([]);
  expect(messages(rules.closing(half, first, 'after'))).toEqual([]);
  expect(messages(rules.closing(half, second, 'after'))).toEqual(['sql is ill on db2']);
});

test('nothing that clients use is acted on while another service is ill', () => {
  const plan = planOf(batch(1, 'sql', ['db1']));
  const observed = cluster(['sql', 'queue'], { queue: ['db3'] });
  const rules = gateRules({ plan, services, topology, desired, observed });
  expect(messages(rules.closing(observed, plan.batches[0] ?? never(), 'before'))).toEqual([
    'queue is ill on db3',
  ]);
});

test('a service that nobody is served by bars no cure, whatever that acts on', () => {
  const plan = planOf(batch(1, 'sql', ['db1']));
  const observed = cluster(['sql', 'queue'], { queue: names });
  const rules = gateRules({ plan, services, topology, desired, observed });
  const [first = never()] = plan.batches;
  expect(messages(rules.closing(observed, first, 'before'))).toEqual([]);
  expect(messages(rules.closing(observed, first, 'after'))).toEqual([]);
  expect(messages(rules.closingAtEnd(observed))).not.toEqual([]);
  // What was served before has to be served after.
  const fine = gateRules({ plan, services, topology, desired, observed: cluster(['sql', 'queue']) });
  expect(messages(fine.closing(observed, first, 'after'))).not.toEqual([]);
});

test('bringing something up is not held back by what is none of its business, but the end of the run is', () => {
  const plan = planOf(batch(1, 'sql', ['db1'], false));
  const observed = cluster(['sql', 'queue'], { queue: ['db3'], sql: ['db1'] });
  const rules = gateRules({ plan, services, topology, desired, observed });
  const now = cluster(['sql', 'queue'], { queue: ['db3'] });
  const first = plan.batches[0] ?? never();
  expect(messages(rules.closing(observed, first, 'before'))).toEqual([]);
  expect(messages(rules.closing(now, first, 'after'))).toEqual([]);
  expect(messages(rules.closingAtEnd(now))).toEqual(['queue is ill on db3']);
});

test('what a load balancer says of a broken service does not keep that service from being mended', () => {
  const balancer = {
    ...service('balancer'),
    checks: () => [
      {
        name: 'balancer.servers',
        service: 'balancer',
        title: 'all servers are up',
        judge: (observed: ObservedState) =>
          ['sql', 'queue']
            .filter((of) => names.some((host) => !wellOn(observed, host, of)))
            .map((of) => ({
              severity: 'red' as const,
              hosts: names,
              service: of,
              message: `nobody serves ${of}`,
            })),
      },
    ],
  };
  const plan = planOf(batch(1, 'sql', ['db1']), batch(2, 'sql', ['db2']));
  const observed = cluster(['sql', 'queue', 'balancer'], { sql: names });
  const withBalancer = {
    ...topology,
    instances: [
      ...topology.instances,
      ...hosts.map((host) => ({ service: 'balancer', host, settings: {}, members: hosts })),
    ],
  };
  const all = [...services, balancer];
  const rules = gateRules({
    plan,
    services: all,
    topology: withBalancer,
    desired: describeHosts(withBalancer, all, {
      renderOn: () => () => '',
      overrideOn: (_host, resources) => resources,
    }),
    observed,
  });
  const [first = never(), second = never()] = plan.batches;
  expect(messages(rules.closing(observed, first, 'before'))).toEqual([]);
  expect(messages(rules.closing(observed, first, 'after'))).toEqual([]);
  // Once nothing is ahead that could mend it, it counts; and what broke only now counts always.
  expect(messages(rules.closing(observed, second, 'after'))).toContain('nobody serves sql');
  const worse = cluster(['sql', 'queue', 'balancer'], { sql: names, queue: ['db3'] });
  expect(messages(rules.closing(worse, first, 'before'))).toContain('nobody serves queue');
});

test('what clients miss at the end of the way is excused while what is wrong on the way is being mended, wherever that is', () => {
  const judge =
    (of: string, about?: string) =>
    (observed: ObservedState): readonly Finding[] =>
      names.some((host) => !wellOn(observed, host, of))
        ? [
            {
              severity: 'red',
              hosts: [],
              message: `${of} does not pass on`,
              ...(about === undefined ? {} : { service: about }),
            },
          ]
        : [];
  const asked = (
    name: string,
    after: readonly string[],
    checks: readonly Pick<Check, 'name' | 'judge'>[],
  ) => ({
    ...service(name),
    after,
    checks: () => checks.map((check) => ({ ...check, service: name, title: 'as it should be' })),
  });
  // A proxy before a balancer before an API: who asks the proxy hears an error of the API's, whichever of them is broken.
  const chain = [
    { ...service('api'), after: ['balancer'] },
    asked('balancer', [], [{ name: 'balancer.serves', judge: judge('balancer') }]),
    asked(
      'proxy',
      ['balancer'],
      [
        {
          name: 'proxy.front',
          judge: (observed) =>
            ['api', 'balancer', 'proxy'].flatMap((of) => judge(of, 'api')(observed)).slice(0, 1),
        },
      ],
    ),
  ];
  const all = chain.map(({ name }) => name);
  const there = {
    ...topology,
    instances: chain.flatMap(({ name }) =>
      hosts.map((host) => ({ service: name, host, settings: {}, members: hosts })),
    ),
  };
  const described = describeHosts(there, chain, {
    renderOn: () => () => '',
    overrideOn: (_host, resources) => resources,
  });
  for (const broken of all) {
    for (const changed of all) {
      const plan = planOf(batch(1, changed, ['db1']), batch(2, changed, ['db2']));
      const observed = cluster(all, { [broken]: ['db3'] });
      const rules = gateRules({ plan, services: chain, topology: there, desired: described, observed });
      const [first = never(), second = never()] = plan.batches;
      const closes = (when: 'before' | 'after', of = first) =>
        messages(rules.closing(observed, of, when)).length > 0;
      // Only work on what is broken lets pass what is wrong, or on the API that clients miss; when it is done, that has helped.
      const isCure = broken === changed || (broken === 'proxy' && changed === 'api');
      expect([broken, changed, closes('before'), closes('after')]).toEqual([
        broken,
        changed,
        !isCure,
        !isCure,
      ]);
      expect([broken, changed, closes('after', second)]).toEqual([broken, changed, true]);
    }
  }
});

test('who loses former logins later is not mended by that', () => {
  const goes = { ...batch(2, 'sql', ['db1'], false), purpose: 'logins' as const };
  const plan = planOf(batch(1, 'sql', ['db1', 'db2', 'db3'], false), goes);
  const [first = never()] = plan.batches;
  const ill = cluster(['sql', 'queue'], { sql: ['db2'] });
  // What was ill before, and what has just been set up.
  for (const observed of [cluster(['sql', 'queue'], { sql: ['db2'] }), cluster([])]) {
    const rules = gateRules({ plan, services, topology, desired, observed });
    expect(messages(rules.closing(ill, first, 'after'))).toEqual(['sql is ill on db2']);
  }
});

test('that something lacks a copy does not excuse that a member dies', () => {
  const copies = {
    ...service('queue'),
    checks: () => [
      ...service('queue').checks([], topology),
      {
        name: 'queue.copies',
        service: 'queue',
        title: 'every queue has a copy',
        judge: (): readonly Finding[] => [{ severity: 'red', hosts: [], message: 'a queue has no copy' }],
      },
    ],
  };
  const plan = planOf(batch(1, 'queue', ['db1']), batch(2, 'queue', ['db2']));
  const [first = never()] = plan.batches;
  const rules = gateRules({
    ...{ plan, services: [copies], topology, desired },
    observed: cluster(['queue']),
  });
  const now = cluster(['queue'], { queue: ['db2'] });
  expect(messages(rules.closing(now, first, 'after'))).toContain('queue is ill on db2');
});

test('a gate that a dead host closes names it as the cause, also where the host itself is to be changed', () => {
  const host = {
    ...service('host'),
    checks: () => [
      {
        name: 'host.reachable',
        service: 'host',
        title: 'answers',
        judge: (observed: ObservedState) =>
          names
            .filter((name) => !observed.hosts.has(name))
            .map((name) => ({
              severity: 'red' as const,
              hosts: [name],
              message: `${name} does not answer`,
              outage: 'host' as const,
            })),
      },
    ],
  };
  const sees: Service = {
    ...service('sql'),
    checks: (instances) => [
      {
        name: 'sql.complete',
        service: 'sql',
        title: 'complete',
        judge: (observed) =>
          instances
            .filter(() => instances.some((each) => !observed.hosts.has(each.host.name)))
            .map((each) => ({
              severity: 'red' as const,
              hosts: [each.host.name],
              message: `${each.host.name} misses a member`,
            })),
      },
    ],
  };
  const plan = planOf(batch(1, 'sql', ['db3']));
  const well = cluster(['sql', 'queue']);
  const withHosts = {
    ...topology,
    instances: [
      ...hosts.map((each) => ({ service: 'host', host: each, settings: {}, members: hosts })),
      ...topology.instances,
    ],
  };
  const request = { plan, services: [host, sees, service('queue')], topology: withHosts, desired };
  const rules = gateRules({ ...request, observed: well });
  const now = { hosts: new Map([...well.hosts].filter(([name]) => name !== 'db3')) };
  const { causes, others } = rules.closing(now, plan.batches[0] ?? never(), 'before');
  expect(causes.map(({ finding }) => finding.message)).toEqual(['db3 does not answer']);
  expect(causes[0]?.follows.map(({ finding }) => finding.message)).toEqual([
    'db1 misses a member',
    'db2 misses a member',
  ]);
  expect(others).toEqual([]);
});

test('what only follows from something that this run starts bars nobody, but those who stand in are not acted on before', () => {
  // The doors need the queue, and are on two hosts of three.
  const doors = { ...service('doors'), after: ['queue'] };
  const withDoors = {
    ...topology,
    instances: [
      ...topology.instances,
      ...hosts.slice(0, 2).map((host) => ({ service: 'doors', host, settings: {}, members: hosts })),
    ],
  };
  const begins: Batch = {
    ...batch(3, 'queue', [], false),
    hosts: [
      {
        host: 'db1',
        steps: [
          { kind: 'unit', unit: 'queue.service', action: 'start', record: { restart: '', reload: '' } },
        ],
      },
    ],
  };
  const elsewhere = batch(1, 'sql', ['db3']);
  const standIn = batch(2, 'sql', ['db2']);
  const ill = cluster(['sql', 'queue', 'doors'], { queue: ['db1'], doors: ['db1'] });
  const all = [...services, doors];
  const described = describeHosts(withDoors, all, {
    renderOn: () => () => '',
    overrideOn: (_host, resources) => resources,
  });
  const rulesOf = (plan: Plan) =>
    gateRules({ plan, services: all, topology: withDoors, desired: described, observed: ill });
  const plan = planOf(elsewhere, standIn, begins);
  expect(messages(rulesOf(plan).closing(ill, elsewhere, 'before'))).toEqual([]);
  expect(messages(rulesOf(plan).closing(ill, elsewhere, 'after'))).toEqual([]);
  expect(messages(rulesOf(plan).closing(ill, standIn, 'before'))).toEqual(['doors is ill on db1']);
  // Who leaves is needed by nobody, or the plan would be refused.
  const leaves = { ...standIn, leaving: ['db2'] };
  expect(messages(rulesOf(planOf(elsewhere, leaves, begins)).closing(ill, leaves, 'before'))).toEqual([]);
  // Nothing that it needs is started there.
  expect(messages(rulesOf(planOf(elsewhere, standIn)).closing(ill, elsewhere, 'before'))).toEqual(
    expect.arrayContaining(['doors is ill on db1']),
  );
});

function never(): never {
  throw new Error('the plan has no such batch');
}
