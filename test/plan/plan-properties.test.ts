import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ObservedState, reachable } from '../../src/model/observed.ts';
import { type Batch, isEmpty, type Plan } from '../../src/model/plan.ts';
import {
  deployedHosts,
  freshHosts,
  type SimulatedCloud,
  simulatedCloud,
} from '../support/simulated-cloud.ts';
import {
  type Act,
  actsOf,
  afterAct,
  isUp,
  observe,
  type SimulatedHost,
  type SimulatedHosts,
} from '../support/simulated-hosts.ts';

fc.configureGlobal({ numRuns: 60 });

const members = ['ctl01', 'ctl02', 'ctl03'];
const fronts = ['prx01', 'prx02'];
const version = fc.integer({ min: 1, max: 3 });
/** Two that one step leads between, so that a way in is added, or goes. */
const ways = fc.constantFrom(1, 2);
const texts = fc.record({ restart: version, reload: version, comment: version, unitFile: version, ways });
const holders = fc.record({ writer: fc.constantFrom(...members), vip: fc.constantFrom(...fronts) });
const clouds = fc
  .tuple(texts, holders)
  .map(([wanted, held]) => ({ cloud: simulatedCloud(wanted, held), held }));

/** Hosts as a deploy leaves them, with units of some members stopped by somebody. */
const lived = fc
  .tuple(fc.subarray(members, { maxLength: 1 }), fc.subarray(fronts, { maxLength: 1 }), ways)
  .map(([cluster, front, before]) => {
    const stopped = new Map([
      ...cluster.map((host) => [host, 'cluster.service'] as const),
      ...front.map((host) => [host, 'front.service'] as const),
    ]);
    return new Map(
      [...deployedHosts({ ways: before })].map(([name, host]) => [
        name,
        withStopped(host, stopped.get(name)),
      ]),
    );
  });
const starts = fc.oneof(fc.constant(freshHosts), lived);

function withStopped(host: SimulatedHost, unit: string | undefined): SimulatedHost {
  return unit === undefined
    ? host
    : { ...host, units: new Map([...host.units, [unit, { active: false, enabled: true }]]) };
}

/** The state before each act and the act, in order. */
function history(plan: Plan, hosts: SimulatedHosts, { desired }: SimulatedCloud) {
  let state = hosts;
  return actsOf(plan).map((act) => {
    const before = observe(state, desired);
    state = afterAct(state, act, desired);
    return { act, before };
  });
}

const actsOn = ({ step }: Act, unit: string): boolean =>
  'unit' in step && step.unit === unit && (step.kind === 'bootstrap' || step.record !== undefined);

const upOthers = (observed: ObservedState, among: readonly string[], but: string, unit: string): number =>
  among.filter((host) => host !== but && isUp(observed, host, unit)).length;

test('no step of any plan leaves a deployed cluster without its majority', () => {
  fc.assert(
    fc.property(clouds, lived, ({ cloud }, hosts) => {
      for (const { act, before } of history(cloud.plan(hosts), hosts, cloud)) {
        if (!actsOn(act, 'cluster.service')) continue;
        expect(upOthers(before, members, act.host, 'cluster.service')).toBeGreaterThanOrEqual(2);
      }
    }),
  );
});

test('at every step some other front can hold the VIP', () => {
  fc.assert(
    fc.property(clouds, lived, ({ cloud }, hosts) => {
      for (const { act, before } of history(cloud.plan(hosts), hosts, cloud)) {
        if (!actsOn(act, 'front.service')) continue;
        expect(upOthers(before, fronts, act.host, 'front.service')).toBe(1);
      }
    }),
  );
});

test('no batch acts on two members that clients use', () => {
  fc.assert(
    fc.property(clouds, starts, ({ cloud }, hosts) => {
      for (const batch of cloud.plan(hosts).batches.filter(({ disruptive }) => disruptive)) {
        expect(batch.hosts).toHaveLength(1);
      }
    }),
  );
});

test('the writer and the holder of the VIP come last among those that are well', () => {
  fc.assert(
    fc.property(clouds, lived, ({ cloud, held }, hosts) => {
      const plan = cloud.plan(hosts);
      for (const [service, holder] of [
        ['cluster', held.writer],
        ['front', held.vip],
      ] as const) {
        const order = plan.batches
          .filter((batch) => batch.service === service && batch.disruptive)
          .flatMap((batch) => batch.hosts.map(({ host }) => host));
        if (order.includes(holder)) expect(order.at(-1)).toBe(holder);
      }
    }),
  );
});

test('services come after those they need, but for what was stopped and needs nothing but a start', () => {
  fc.assert(
    fc.property(clouds, starts, ({ cloud }, hosts) => {
      const closes = closesWay(cloud, hosts);
      const services = cloud
        .plan(hosts)
        .batches.filter((batch) => !onlyStarts(batch) && !(closes && batch.service === 'cluster'))
        .map(({ service }) => service);
      const positions = services.map((service) => ['packages', 'base', 'cluster', 'front'].indexOf(service));
      expect(positions).toEqual([...positions].sort((one, other) => one - other));
    }),
  );
});

test('what was stopped and needs nothing but a start is started before anything that runs is acted on', () => {
  fc.assert(
    fc.property(clouds, starts, ({ cloud }, hosts) => {
      const { batches } = cloud.plan(hosts);
      const acts = batches.findIndex(({ disruptive }) => disruptive);
      const late = acts < 0 ? [] : batches.slice(acts).filter(onlyStarts);
      // It waits for what it needs: changed on its own host, or begun anywhere by more than a start.
      const waits = (batch: Batch): boolean =>
        batches.some(
          (each) =>
            needed(batch.service).includes(each.service) &&
            !onlyStarts(each) &&
            (beginsMore(each) || batch.hosts.some(({ host }) => each.hosts.some((at) => at.host === host))),
        );
      expect(late.filter((batch) => !waits(batch))).toEqual([]);
    }),
  );
});

test('what closes a way in changes after all others, whole', () => {
  fc.assert(
    fc.property(clouds, lived, ({ cloud }, hosts) => {
      fc.pre(closesWay(cloud, hosts));
      const services = cloud
        .plan(hosts)
        .batches.filter((batch) => !onlyStarts(batch))
        .map(({ service }) => service);
      expect(services).toContain('cluster');
      expect(services.slice(services.indexOf('cluster')).filter((name) => name !== 'cluster')).toEqual([]);
    }),
  );
});

test('whichever way in comes or goes, at every step every member lets every client in', () => {
  fc.assert(
    fc.property(clouds, lived, ({ cloud }, hosts) => {
      const acts = actsOf(cloud.plan(hosts));
      for (let done = 0; done <= acts.length; done += 1) {
        const state = cloud.perform(cloud.plan(hosts), hosts, done);
        const offered = members.map((host) =>
          linesOf(state, { host, path: '/etc/cluster.conf' }, /^way = (.*)/),
        );
        const used = fronts.flatMap((host) =>
          linesOf(state, { host, path: '/etc/front.cfg' }, /^uses = (.*)/),
        );
        for (const way of used) expect(offered.every((ways) => ways.includes(way))).toBe(true);
      }
    }),
  );
});

const linesOf = (
  hosts: SimulatedHosts,
  { host, path }: { readonly host: string; readonly path: string },
  pattern: RegExp,
): readonly string[] =>
  (hosts.get(host)?.files.get(path)?.content ?? '')
    .split('\n')
    .flatMap((line) => pattern.exec(line)?.[1] ?? []);

/** Whether a member that was deployed has a way in that it is not to have. */
const closesWay = ({ desired }: SimulatedCloud, hosts: SimulatedHosts): boolean =>
  members.some((host) => {
    const wanted = desired.hosts
      .get(host)
      ?.services.flatMap(({ resources }) => resources)
      .find((resource) => resource.kind === 'file' && resource.path === '/etc/cluster.conf');
    const found = hosts.get(host)?.files.get('/etc/cluster.conf')?.content ?? '';
    return found.includes('way = tls') && wanted?.kind === 'file' && !wanted.content.includes('way = tls');
  });

const needed = (service: string): readonly string[] =>
  ({ cluster: ['base'], front: ['base', 'cluster'] })[service] ?? [];

const onlyStarts = ({ hosts }: Batch): boolean =>
  hosts.every(({ steps }) =>
    steps.every((step) => step.kind === 'unit' && ['start', 'enable', 'reload-daemon'].includes(step.action)),
  );

/** Whether it brings a host up by more than a start. */
const beginsMore = (batch: Batch): boolean =>
  !onlyStarts(batch) &&
  batch.hosts.some(({ steps }) =>
    steps.some((step) => step.kind === 'bootstrap' || (step.kind === 'unit' && step.action === 'start')),
  );

test('a plan that was carried out leaves nothing to do', () => {
  fc.assert(
    fc.property(clouds, starts, ({ cloud }, hosts) => {
      expect(isEmpty(cloud.plan(cloud.perform(cloud.plan(hosts), hosts)))).toBe(true);
    }),
  );
});

test('a run that is killed after any step is finished by the next one, and nothing restarts twice', () => {
  fc.assert(
    fc.property(clouds, starts, fc.nat({ max: 60 }), ({ cloud }, hosts, killedAfter) => {
      const first = cloud.plan(hosts);
      const halfway = cloud.perform(first, hosts, killedAfter);
      const second = cloud.plan(halfway);
      expect(second.refusals).toEqual([]);
      expect(isEmpty(cloud.plan(cloud.perform(second, halfway)))).toBe(true);
      const done = [...actsOf(first).slice(0, killedAfter), ...actsOf(second)].flatMap(unitActionOf);
      expect(done).toEqual([...new Set(done)]);
    }),
  );
});

test('a run over hand-edited files that is killed anywhere still brings every unit to what is wanted', () => {
  fc.assert(
    fc.property(clouds, fc.constantFrom(...members), fc.nat({ max: 12 }), ({ cloud }, host, killedAfter) => {
      const edited = withEditedConfig(deployedHosts(), host);
      const consent = { overwriteDrift: true };
      const first = cloud.plan(edited, consent);
      const second = cloud.plan(cloud.perform(first, edited, killedAfter), consent);
      const done = [...actsOf(first).slice(0, killedAfter), ...actsOf(second)];
      expect(done.some((act) => act.host === host && actsOn(act, 'cluster.service'))).toBe(true);
    }),
  );
});

const unitActionOf = ({ host, step }: Act): readonly string[] =>
  'unit' in step && (step.kind === 'bootstrap' || step.record !== undefined) ? [`${host} ${step.unit}`] : [];

function withEditedConfig(hosts: SimulatedHosts, name: string): SimulatedHosts {
  const host = hosts.get(name);
  const file = host?.files.get('/etc/cluster.conf');
  if (!host || !file) throw new Error(`${name} has no cluster.conf`);
  const files = new Map([...host.files, ['/etc/cluster.conf', { ...file, content: 'version = 99\n' }]]);
  return new Map([...hosts, [name, { ...host, files }]]);
}

test('what is observed decides, not who asks: planning changes nothing', () => {
  const hosts = deployedHosts();
  const cloud = simulatedCloud({ unitFile: 2 });
  const observed = observe(hosts, cloud.desired);
  expect(cloud.plan(hosts, { observed })).toEqual(cloud.plan(hosts, { observed }));
  expect(reachable(observed, 'ctl01')?.records.size).toBeGreaterThan(0);
});
