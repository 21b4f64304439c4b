import { belongingsFound, reachable } from '../model/observed.ts';
import { type DraftBatch, type PlannedDeparture, quietBatch } from '../model/plan.ts';
import type { Service } from '../model/service.ts';
import { inLeavingOrder } from '../model/service-order.ts';
import { departuresFrom } from '../model/stage.ts';
import type { Step } from '../model/step.ts';
import { type Instance, instancesOf } from '../model/topology.ts';
import { isRunning } from './member-state.ts';
import { everybodyIn, isBack, isElsewhere, type PlanRequest } from './plan-request.ts';

/** Instances that no host should have any more, and units that nothing there needs. */
export interface Departures {
  /** Hosts that go, and what of them. */
  readonly told: readonly PlannedDeparture[];
  /** Every instance that goes, whether its host answers or not. */
  readonly instances: readonly Instance[];
  /** Units stopped service by service, before anything of those who stay is changed. */
  readonly batches: readonly DraftBatch[];
}

/**
 * What lets clients in goes first, so that nobody comes back to a host that leaves; then each service before those it
 * needs, which puts members that hold data last. One host at a time, who does not answer first: that costs nothing.
 */
export function departuresIn(request: PlanRequest, targets: ReadonlySet<string>): Departures {
  const instances = departingInstances(request);
  const batches = inLeavingOrder(request.services).flatMap((service) =>
    batchesOf(service, instances, request, targets),
  );
  return { told: toldOf(instances, request), instances, batches };
}

/** Instances that the inventory wants no more, on hosts that may be acted on or are to be forgotten. */
function departingInstances(request: PlanRequest): readonly Instance[] {
  const { limit, topology } = request;
  return departuresFrom(everybodyIn(request), topology).filter(
    ({ host }) => limit === undefined || limit.includes(host.name),
  );
}

function batchesOf(
  service: Service,
  departing: readonly Instance[],
  request: PlanRequest,
  targets: ReadonlySet<string>,
): readonly DraftBatch[] {
  const everybody = instancesOf(everybodyIn(request), service.name);
  const ordered = service.order?.(everybody, everybodyIn(request), request.observed) ?? everybody;
  // Those who are no help any more count until they are forgotten: who is well goes when fewer are needed.
  const unwellFirst = ordered.toSorted(
    (one, other) => Number(isRunning(one, request)) - Number(isRunning(other, request)),
  );
  return unwellFirst.flatMap((instance): readonly DraftBatch[] => {
    const leaves = departing.some(isSameAs(instance));
    const steps = targets.has(instance.host.name) ? retiring(instance, request) : [];
    const isTold = leaves && service.forget !== undefined && !isBack(request, instance.host.name);
    if (steps.length === 0 && !isTold) return [];
    return [draftOf(service, instance, { leaves, steps, request })];
  });
}

const isSameAs =
  ({ service, host }: Instance) =>
  (other: Instance): boolean =>
    other.service === service && other.host.name === host.name;

/** Units that runs have put there for the service and that nothing wants there now. */
function retiring({ service, host }: Instance, { desired, observed }: PlanRequest): readonly Step[] {
  const now = reachable(observed, host.name);
  const described = desired.hosts.get(host.name);
  const wanted = new Set([
    ...(described?.services ?? [])
      .flatMap(({ resources }) => resources)
      .flatMap((resource) => (resource.kind === 'unit' ? [resource.name] : [])),
    ...(described?.leftAlone?.belongings ?? []).map(({ name }) => name),
  ]);
  return belongingsFound('unit', now)
    .filter((belonging) => belonging.service === service && !wanted.has(belonging.name))
    .map(({ name }) => ({ kind: 'unit', unit: name, action: 'retire', record: undefined }));
}

interface Leaving {
  readonly leaves: boolean;
  readonly steps: readonly Step[];
  readonly request: PlanRequest;
}

function draftOf(service: Service, instance: Instance, { leaves, steps, request }: Leaving): DraftBatch {
  const { host } = instance;
  const everybody = everybodyIn(request);
  const units = new Set(steps.flatMap((step) => (step.kind === 'unit' ? [step.unit] : [])));
  if (isBack(request, host.name)) return stopOf(service, host.name, steps);
  const verb = !leaves
    ? 'gives up what it no longer needs on'
    : units.size > 0
      ? 'leaves'
      : 'is forgotten on';
  const capacity =
    units.size === 0 ? '' : (service.capacity?.(instance, everybody, request.observed, units) ?? '');
  return {
    service: service.name,
    title: `${service.title} ${verb} ${host.name}`,
    hosts: steps.length === 0 ? [] : [{ host: host.name, steps }],
    disruptive: units.size > 0,
    capacity,
    leaving: leaves ? [host.name] : [],
  };
}

/** It has nothing that could be handed over, and the others have forgotten it long ago. */
const stopOf = (service: Service, host: string, steps: readonly Step[]): DraftBatch =>
  quietBatch(
    service.name,
    `${service.title} stops on ${host}, which was forgotten`,
    steps.length === 0 ? [] : [{ host, steps }],
  );

function toldOf(instances: readonly Instance[], request: PlanRequest): readonly PlannedDeparture[] {
  const names = [...new Set(instances.map(({ host }) => host.name))];
  return names.map((name) => {
    const stays = request.topology.hosts.some((host) => host.name === name);
    const leaves = isBack(request, name) ? 'returned' : 'leaves';
    const silent = isElsewhere(request, name) ? 'elsewhere' : 'forgotten';
    const kind = stays ? 'gives-up' : reachable(request.observed, name) ? leaves : silent;
    return {
      host: name,
      kind,
      services: instances.filter(({ host }) => host.name === name).map(({ service }) => service),
    };
  });
}
