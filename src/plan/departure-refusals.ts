import { reachable } from '../model/observed.ts';
import type { Refusal } from '../model/plan.ts';
import type { Service } from '../model/service.ts';
import { type Instance, instancesOf } from '../model/topology.ts';
import type { Departures } from './departures.ts';
import { everybodyIn, type PlanRequest } from './plan-request.ts';
import { membersNeeded, unwellMembers } from './quorum.ts';

/** Why hosts must not go: they do not answer and nobody said that they need not, or too few would be left. */
export function departureRefusals(departures: Departures, request: PlanRequest): readonly Refusal[] {
  return [
    ...silentLeavers(departures, request),
    ...request.services.flatMap((service) => tooFewLeft(service, departures, request)),
  ];
}

function silentLeavers({ instances }: Departures, request: PlanRequest): readonly Refusal[] {
  const { observed, forget = [] } = request;
  const names = [...new Set(instances.map(({ host }) => host.name))];
  const named = new Set(request.topology.hosts.map(({ name }) => name));
  return names
    .filter((host) => !named.has(host) && !forget.includes(host) && !reachable(observed, host))
    .map((host) => ({
      kind: 'unreachable',
      host,
      message: `${host} leaves the cloud and does not answer: what it has of it can't be taken away`,
      hint: `power it on, or add --forget ${host}: the others then shut it out for as long as it has what it had`,
    }));
}

/**
 * Walks through those who leave a service, one after another. A member that is stopped still counts until the others
 * have forgotten it, so those that are well must be a majority of all with it; and something has to serve meanwhile.
 */
function tooFewLeft(
  service: Service,
  { instances: departing }: Departures,
  request: PlanRequest,
): readonly Refusal[] {
  const everybody = instancesOf(everybodyIn(request), service.name);
  const leaving = departing.filter((instance) => instance.service === service.name);
  if (leaving.length === 0 || service.quorum === 'none') return [];
  const walk = walkOf(service, everybody, request);
  const silentFirst = leaving.toSorted((one, other) => Number(walk.isUp(one)) - Number(walk.isUp(other)));
  for (const [index, instance] of silentFirst.entries()) {
    const members = everybody.length - index;
    const left = walk.left(silentFirst.slice(0, index + 1));
    const needed = walk.isUp(instance) ? membersNeeded(service, members) : 0;
    if (left < needed)
      return [refusal(service, instance, { left, members, needed, leaving: leaving.length })];
  }
  return [];
}

function walkOf(service: Service, everybody: readonly Instance[], request: PlanRequest) {
  const { observed, allowUnreachable = [] } = request;
  const unwell = unwellMembers(
    { service, instances: everybody },
    { topology: everybodyIn(request), observed },
  );
  const answers = ({ host }: Instance): boolean =>
    reachable(observed, host.name) !== undefined && !allowUnreachable.includes(host.name);
  const started = ({ host }: Instance): boolean =>
    reachable(observed, host.name)?.belongings.some((each) => each.service === service.name) === true;
  const isUp = (instance: Instance): boolean => answers(instance) && started(instance);
  return {
    isUp,
    /** Members that are well when these are gone. */
    left: (gone: readonly Instance[]): number =>
      everybody.filter(
        (instance) => isUp(instance) && !gone.includes(instance) && !unwell.has(instance.host.name),
      ).length,
  };
}

interface Count {
  readonly left: number;
  readonly members: number;
  readonly needed: number;
  readonly leaving: number;
}

const refusal = (
  { title }: Service,
  { host }: Instance,
  { left, members, needed, leaving }: Count,
): Refusal => ({
  kind: 'quorum',
  host: host.name,
  message: `${title}: without ${host.name} ${left} of ${members} members would be well, and ${needed} are needed`,
  hint:
    leaving > 1
      ? 'take fewer of them out of the inventory at once: first add those that come, then remove the others one after another'
      : 'bring the others back first, or add a member with a deploy of its own before this one leaves',
});
