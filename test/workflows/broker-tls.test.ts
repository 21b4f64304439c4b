import { expect, test } from 'vitest';
import type { Encryption } from '../../src/model/encryption.ts';
import { type ObservedState, reachable } from '../../src/model/observed.ts';
import type { Plan } from '../../src/model/plan.ts';
import { planChanges } from '../../src/plan/index.ts';
import { services } from '../../src/services/index.ts';
import { type Cloud, describeCloud } from '../../src/workflows/cloud.ts';
import { observeWhole } from '../support/lab-observed.ts';
import { wholeTopology } from '../support/openstack.ts';
import { actsOf, afterAct, freshHost, observe, type SimulatedHosts } from '../support/simulated-hosts.ts';
import { fiveHosts } from '../support/topology.ts';

const described = (tls: Encryption): Promise<Cloud> =>
  describeCloud(wholeTopology(fiveHosts(), { settings: { rabbitmq: { tls } } }));

const clouds = {
  false: await described(false),
  optional: await described('optional'),
  true: await described(true),
} as const;
type Mode = keyof typeof clouds;

const brokerUnit = 'rabbitmq-server.service';

/** Every host as a first deploy leaves it. */
function deployed(mode: Mode): SimulatedHosts {
  const { topology, desired } = clouds[mode];
  const fresh: SimulatedHosts = new Map(topology.hosts.map(({ name }) => [name, freshHost]));
  return actsOf(planned(fresh, mode)).reduce((hosts, act) => afterAct(hosts, act, desired), fresh);
}

function planned(hosts: SimulatedHosts, mode: Mode, limit?: readonly string[]): Plan {
  const { topology, desired } = clouds[mode];
  const answers = observeWhole(topology);
  const observed: ObservedState = {
    hosts: new Map(
      [...observe(hosts, desired).hosts].map(([name, seen]) => [
        name,
        { ...seen, probes: reachable(answers, name)?.probes ?? new Map() },
      ]),
    ),
  };
  const options = limit === undefined ? {} : { limit };
  return planChanges({ topology, services, desired, observed, overwriteDrift: false, ...options });
}

/** What runs has read its files when it was started: at which ports members listen, which of them clients use. */
interface Running {
  readonly listening: ReadonlyMap<string, readonly string[]>;
  readonly used: ReadonlyMap<string, readonly string[]>;
}

function started(running: Running, hosts: SimulatedHosts, host: string, unit: string, mode: Mode): Running {
  const text = (path: string) => hosts.get(host)?.files.get(path)?.content ?? '';
  if (unit === brokerUnit) {
    const ports = [...text('/etc/rabbitmq/rabbitmq.conf').matchAll(/^listeners\.\w+\.\d = .*:(\d+)$/gm)];
    return {
      ...running,
      listening: new Map([...running.listening, [host, ports.map(([, port]) => port ?? '')]]),
    };
  }
  const resources = clouds[mode].desired.hosts.get(host)?.services.flatMap((each) => each.resources) ?? [];
  const read = resources.flatMap((each) =>
    each.kind === 'unit' && each.name === unit ? each.restartOn : [],
  );
  const url = read.map((path) => /^transport_url = (.*)$/m.exec(text(path))?.[1] ?? '').join(' ');
  const ports = [...url.matchAll(/@[\d.]+:(\d+)/g)].map(([, port]) => port ?? '');
  return ports.length === 0
    ? running
    : { ...running, used: new Map([...running.used, [`${unit} on ${host}`, ports]]) };
}

const allStarted = (hosts: SimulatedHosts, mode: Mode): Running =>
  [...clouds[mode].desired.hosts]
    .flatMap(([host, { services: all }]) =>
      all.flatMap(({ resources }) =>
        resources.flatMap((each) => (each.kind === 'unit' ? [{ host, unit: each.name }] : [])),
      ),
    )
    .reduce<Running>((running, { host, unit }) => started(running, hosts, host, unit, mode), {
      listening: new Map(),
      used: new Map(),
    });

/** Clients that would find a port closed at a member. */
const refused = ({ listening, used }: Running): readonly string[] =>
  [...used].flatMap(([client, ports]) =>
    [...listening].flatMap(([member, open]) =>
      ports.every((port) => open.includes(port)) ? [] : [`${client} at ${member}`],
    ),
  );

test.each([
  ['false', 'optional'],
  ['optional', 'true'],
  ['true', 'optional'],
  ['optional', 'false'],
] as const)(
  'from %s to %s each member restarts once, in its turn, and no client ever finds its port closed',
  (from, to) => {
    const hosts = deployed(from);
    const plan = planned(hosts, to);
    expect(plan.refusals).toEqual([]);
    let now = { hosts, running: allStarted(hosts, from) };
    expect(now.running.used.size).toBeGreaterThan(10);
    expect(refused(now.running)).toEqual([]);
    const restarts: string[] = [];
    for (const act of actsOf(plan)) {
      const { host, step } = act;
      const next = afterAct(now.hosts, act, clouds[to].desired);
      const starts =
        step.kind === 'unit' && ['start', 'restart'].includes(step.action) ? step.unit : undefined;
      if (starts === brokerUnit) restarts.push(`${act.batch} ${host}`);
      now = {
        hosts: next,
        running: starts === undefined ? now.running : started(now.running, next, host, starts, to),
      };
      expect(refused(now.running)).toEqual([]);
    }
    expect(restarts.map((each) => each.split(' ')[1]).sort()).toEqual(['ctl01', 'ctl02', 'ctl03']);
    expect(new Set(restarts.map((each) => each.split(' ')[0])).size).toBe(3);
    expect(planned(now.hosts, to).batches).toEqual([]);
  },
);

test.each([
  ['false', 'true'],
  ['true', 'false'],
] as const)('a step from %s to %s is refused', (from, to) => {
  expect(planned(deployed(from), to).refusals).toEqual([
    expect.objectContaining({ hint: expect.stringContaining('`services.rabbitmq.tls: optional` first') }),
  ]);
});

test('a new cloud begins with any of them', () => {
  const fresh: SimulatedHosts = new Map(clouds.true.topology.hosts.map(({ name }) => [name, freshHost]));
  expect(planned(fresh, 'true').refusals).toEqual([]);
});

test('a way in is not closed by a run that leaves a host out', () => {
  const { refusals } = planned(deployed('optional'), 'true', ['ctl01', 'ctl02', 'ctl03']);
  expect(refusals).toContainEqual(expect.objectContaining({ message: expect.stringContaining('prx0') }));
});
