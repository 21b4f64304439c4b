import type { DesiredState } from '../model/desired.ts';
import { type ObservedState, reachable } from '../model/observed.ts';
import { absentFrom, type Batch, type Plan } from '../model/plan.ts';
import type { Service } from '../model/service.ts';
import { type AsNow, type Counts, departuresFrom, type MayHold } from '../model/stage.ts';
import type { Step } from '../model/step.ts';
import { instancesOf, type Topology } from '../model/topology.ts';

/** When, in the course of a plan. */
export type Moment =
  | { readonly kind: 'begin' }
  /** Before or after the batch of this number. */
  | { readonly kind: 'before' | 'after'; readonly batch: number }
  | { readonly kind: 'end' };

interface Course {
  readonly plan: Plan;
  readonly topology: Topology;
  readonly wanted?: Topology;
  readonly desired: DesiredState;
  readonly observed: ObservedState;
}

/**
 * Which instances are reckoned with at a moment: not those of hosts that take no part; those that leave until their
 * batch is done; those that join a running service from when theirs is.
 */
export function countsAt(moment: Moment, course: Course): Counts {
  const { plan, topology, wanted = topology } = course;
  const absent = absentFrom(plan);
  const leaving = new Set(
    departuresFrom(topology, wanted).map(({ service, host }) => key(service, host.name)),
  );
  const joining = joiningIn(course);
  const isAhead = aheadAt(moment, plan);
  return (service, host) => {
    if (absent.has(host)) return false;
    const instance = key(service, host);
    if (leaving.has(instance)) {
      return isAhead((batch) => batch.service === service && batch.leaving.includes(host));
    }
    if (!joining.has(instance)) return true;
    const sets = (batch: Batch) =>
      batch.service === service && batch.hosts.some((each) => each.host === host);
    return plan.batches.some(sets) && !isAhead(sets);
  };
}

/** What hosts that give a role up are to a service at a moment: they have it until what serves it there has stopped. */
export function asAt(moment: Moment, { plan, topology, wanted = topology }: Course): AsNow {
  const isAhead = aheadAt(moment, plan);
  return (service, host) => {
    const stops = (batch: Batch) =>
      batch.service === service &&
      batch.hosts.some((each) => each.host === host.name && each.steps.some(retires));
    if (isAhead(stops)) return host;
    return wanted.hosts.find(({ name }) => name === host.name) ?? host;
  };
}

/**
 * Whether a host may hold the VIPs of a role at a moment. One that is new to it can't before what lets clients in has been
 * told so, however well it serves already.
 */
export function mayHoldAt(
  moment: Moment,
  course: Course & { readonly services: readonly Service[] },
): MayHold {
  const { plan, topology, wanted = topology, observed } = course;
  const isAhead = aheadAt(moment, plan);
  const opening = course.services.flatMap((service) =>
    instancesOf(wanted, service.name).flatMap((instance) =>
      (service.newWays?.(instance, wanted, observed) ?? []).map((role) => ({ role, instance })),
    ),
  );
  return (role, host) =>
    !opening.some(
      (way) =>
        way.role === role &&
        way.instance.host.name === host &&
        isAhead(
          ({ service, hosts }) =>
            service === way.instance.service && hosts.some((each) => each.host === host),
        ),
    );
}

const retires = (step: Step): boolean => step.kind === 'unit' && step.action === 'retire';

/** Whether a run has ever started one of the service's units, or done one of its tasks, on any host or on this one. */
export function wasStarted(
  service: string,
  topology: Topology,
  { desired, observed }: Pick<Course, 'desired' | 'observed'>,
  only?: string,
): boolean {
  return instancesOf(topology, service)
    .filter(({ host }) => only === undefined || host.name === only)
    .some(({ host }) => {
      const now = reachable(observed, host.name);
      const described = desired.hosts.get(host.name)?.services.find((each) => each.service === service);
      const resources = described?.resources ?? [];
      // Of who leaves nothing is described any more.
      if (resources.length === 0) {
        return now?.belongings.some((each) => each.kind === 'unit' && each.service === service) === true;
      }
      return resources.some(
        (resource) =>
          (resource.kind === 'unit' && now?.records.has(resource.name)) ||
          (resource.kind === 'task' && now?.records.has(`task-${resource.name}`)),
      );
    });
}

/** Instances that were never started on their host, of services that run on others. */
function joiningIn(course: Course): ReadonlySet<string> {
  const { topology } = course;
  const services = [...new Set(topology.instances.map(({ service }) => service))];
  const running = services.filter((service) => wasStarted(service, topology, course));
  return new Set(
    topology.instances
      .filter(({ service }) => running.includes(service))
      .filter(({ host }) => reachable(course.observed, host.name) !== undefined)
      .filter(({ service, host }) => !wasStarted(service, topology, course, host.name))
      .map(({ service, host }) => key(service, host.name)),
  );
}

/** Whether any batch that is still ahead at a moment matches. */
export function aheadAt(moment: Moment, { batches }: Plan): (matches: (batch: Batch) => boolean) => boolean {
  const isAhead = ({ id }: Batch): boolean => {
    switch (moment.kind) {
      case 'begin':
        return true;
      case 'before':
        return id >= moment.batch;
      case 'after':
        return id > moment.batch;
      case 'end':
        return false;
    }
  };
  return (matches) => batches.some((batch) => batch.purpose !== 'logins' && isAhead(batch) && matches(batch));
}

const key = (service: string, host: string): string => `${service} ${host}`;
