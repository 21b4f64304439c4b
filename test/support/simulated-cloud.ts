import type { DesiredState } from '../../src/model/desired.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Service } from '../../src/model/service.ts';
import type { Topology } from '../../src/model/topology.ts';
import { type PlanRequest, planChanges } from '../../src/plan/index.ts';
import { actsOf, afterAct, freshHost, observe, type SimulatedHosts } from './simulated-hosts.ts';
import {
  type Holders,
  simulatedDesire,
  simulatedServices,
  simulatedTopology,
  type Texts,
} from './simulated-services.ts';

/** A cloud with its desired state, to plan against simulated hosts. */
export interface SimulatedCloud {
  readonly services: readonly Service[];
  readonly topology: Topology;
  readonly desired: DesiredState;
  plan(hosts: SimulatedHosts, options?: Partial<PlanRequest>): Plan;
  /** The hosts after the first `acts` steps of a plan; all of them unless said otherwise. */
  perform(plan: Plan, hosts: SimulatedHosts, acts?: number): SimulatedHosts;
}

const firstTexts: Texts = { restart: 1, reload: 1, comment: 1, unitFile: 1 };

export function simulatedCloud(texts: Partial<Texts> = {}, holders: Partial<Holders> = {}): SimulatedCloud {
  const services = simulatedServices(
    { ...firstTexts, ...texts },
    { writer: 'ctl01', vip: 'prx01', ...holders },
  );
  const topology = simulatedTopology(services);
  const desired = simulatedDesire(topology, services);
  return {
    services,
    topology,
    desired,
    plan: (hosts, options = {}) =>
      planChanges({
        topology,
        services,
        desired,
        observed: observe(hosts, desired),
        overwriteDrift: false,
        ...options,
      }),
    perform: (plan, hosts, acts) =>
      actsOf(plan)
        .slice(0, acts)
        .reduce((state, act) => afterAct(state, act, desired), hosts),
  };
}

export const freshHosts: SimulatedHosts = new Map(
  ['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02'].map((name) => [name, freshHost]),
);

/** The hosts after a first deploy. */
export function deployedHosts(texts: Partial<Texts> = {}): SimulatedHosts {
  const cloud = simulatedCloud(texts);
  return cloud.perform(cloud.plan(freshHosts), freshHosts);
}
