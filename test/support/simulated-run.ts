import { beginningOrder } from '../../src/execute/begin.ts';
import type { DesiredState } from '../../src/model/desired.ts';
import { carriesOurs, membershipIn, type ObservedState, reachable } from '../../src/model/observed.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Service } from '../../src/model/service.ts';
import type { Topology } from '../../src/model/topology.ts';
import { type PlanRequest, planChanges } from '../../src/plan/index.ts';
import { changesHands, type Transition, transitionFrom } from '../../src/workflows/transition.ts';
import { type Act, actsOf, afterAct, begunOn, observe, type SimulatedHosts } from './simulated-hosts.ts';

/** Hosts with what no single one of them has: whom the cluster counts, and who answers nobody. */
export interface World {
  readonly hosts: SimulatedHosts;
  /** Members that the cluster itself knows of: from their first start until they are forgotten. */
  readonly counted: ReadonlySet<string>;
  readonly silent: ReadonlySet<string>;
}

/** A cloud as an inventory describes it. */
export interface Described {
  readonly services: readonly Service[];
  readonly topology: Topology;
  readonly desired: DesiredState;
}

/** A plan with what it was made from. */
export interface Course {
  readonly plan: Plan;
  readonly services: readonly Service[];
  readonly wanted: Topology;
  /** Everybody who takes part. */
  readonly topology: Topology;
  readonly desired: DesiredState;
  readonly observed: ObservedState;
}

type Consent = Pick<PlanRequest, 'allowUnreachable' | 'forget'>;

/** Looks at the hosts of the inventory, learns from them who else belonged, and plans. */
export function courseFor(described: Described, world: World, consent: Consent = {}): Course {
  const { topology, services } = described;
  const known = seen(world, described, topology);
  const recorded = membershipIn(known, 'lab');
  const forgotten = (recorded?.forgotten ?? []).filter(({ name }) => isBack(name, world, topology));
  const { all, desired }: Pick<Transition, 'all' | 'desired'> =
    forgotten.length === 0 && !changesHands(recorded, topology)
      ? { all: topology, desired: described.desired }
      : transitionFrom([...(recorded?.members ?? []), ...forgotten], described);
  const observed = seen(world, { desired }, all);
  const membership = { recorded, all };
  const plan = planChanges({
    topology,
    services,
    desired,
    observed,
    membership,
    overwriteDrift: false,
    ...consent,
  });
  return { plan, services, wanted: topology, topology: all, desired, observed };
}

/** What hosts of a topology say now. */
export const seen = (
  { hosts, silent }: World,
  { desired }: Pick<Described, 'desired'>,
  topology: Topology,
): ObservedState => {
  const asked = topology.hosts.filter(({ name }) => !silent.has(name));
  return observe(
    new Map(
      asked.flatMap(({ name }) => {
        const host = hosts.get(name);
        return host === undefined ? [] : [[name, host] as const];
      }),
    ),
    desired,
  );
};

function isBack(name: string, world: World, topology: Topology): boolean {
  const now = reachable(observe(world.hosts, { hosts: new Map() }), name);
  const named = topology.hosts.some((host) => host.name === name);
  return now !== undefined && !world.silent.has(name) && !named && carriesOurs(now);
}

/** What happens in the course of a run, in the order in which one host after the other would do it. */
export type Event =
  | { readonly type: 'begin'; readonly batch: 0; readonly host: string }
  | (Act & { readonly type: 'act' })
  | { readonly type: 'forget'; readonly batch: number; readonly service: string; readonly host: string };

export function eventsOf({ plan, services, wanted, observed }: Course): readonly Event[] {
  const changing = [...new Set(plan.batches.flatMap(({ hosts }) => hosts.map(({ host }) => host)))];
  const acts = actsOf(plan);
  const tells = (name: string): boolean =>
    services.some((service) => service.name === name && service.forget !== undefined) &&
    wanted.instances.some(({ service }) => service === name);
  return [
    ...beginningOrder(changing, observed)
      .flat()
      .map((host): Event => ({ type: 'begin', batch: 0, host })),
    ...plan.batches.flatMap(({ id, service, leaving }): readonly Event[] => [
      ...acts.filter(({ batch }) => batch === id).map((act): Event => ({ ...act, type: 'act' })),
      ...(tells(service) ? leaving.map((host): Event => ({ type: 'forget', batch: id, service, host })) : []),
    ]),
  ];
}

/** The world after one event. */
export function afterEvent(world: World, event: Event, { plan, desired }: Course): World {
  switch (event.type) {
    case 'begin':
      return { ...world, hosts: begunOn(world.hosts, event.host, { desired, intent: plan.intent }) };
    case 'forget':
      return { ...world, counted: new Set([...world.counted].filter((host) => host !== event.host)) };
    case 'act': {
      const hosts = afterAct(world.hosts, event, desired);
      const counted = startsAnew(event, 'cluster.service') ? [event.host] : [];
      return { ...world, hosts, counted: new Set([...world.counted, ...counted]) };
    }
  }
}

/** The world after the first `events` of a run; after all of them unless said otherwise. */
export const afterRun = (world: World, course: Course, events?: number): World =>
  eventsOf(course)
    .slice(0, events)
    .reduce((now, event) => afterEvent(now, event, course), world);

/** Whether a unit does not run for a moment, or begins to. */
export const startsAnew = ({ step }: Act, unit: string): boolean =>
  (step.kind === 'bootstrap' && step.unit === unit) ||
  (step.kind === 'unit' && step.unit === unit && (step.action === 'start' || step.action === 'restart'));
