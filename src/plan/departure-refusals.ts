import { reachable } from '../model/observed.ts';
import type { Refusal } from '../model/plan.ts';
import type { Service } from '../model/service.ts';
import { staged } from '../model/stage.ts';
import { type Instance, instancesOf } from '../model/topology.ts';
import type { Departures } from './departures.ts';
import { isRunning, isStarted } from './member-state.ts';
import { everybodyIn, isBack, isElsewhere, type PlanRequest } from './plan-request.ts';
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
    .filter((host) => !isElsewhere(request, host))
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
  const isMember = ({ host }: Instance): boolean => !isBack(request, host.name);
  const everybody = instancesOf(everybodyIn(request), service.name).filter(isMember);
  const leaving = departing.filter((instance) => instance.service === service.name && isMember(instance));
  if (leaving.length === 0 || service.quorum === 'none') return [];
  const walk = walkOf(service, everybody, { request, leaving });
  const silentFirst = leaving.toSorted((one, other) => Number(walk.isUp(one)) - Number(walk.isUp(other)));
  for (const [index, instance] of silentFirst.entries()) {
    const members = walk.members - index;
    const left = walk.left(silentFirst.slice(0, index + 1));
    const needed = walk.isUp(instance) ? membersNeeded(service, members) : 0;
    if (left < needed)
      return [refusal(service, instance, { left, members, needed, leaving: leaving.length })];
  }
  return [];
}

function walkOf(
  service: Service,
  everybody: readonly Instance[],
  { request, leaving }: { readonly request: PlanRequest; readonly leaving: readonly Instance[] },
) {
  const { observed, allowUnreachable = [] } = request;
  // As those who stay see each other: what they say of who leaves, or it of them, is no trouble of theirs.
  const staying = everybody.filter((instance) => !leaving.includes(instance));
  const gone = new Set(leaving.map(({ host }) => host.name));
  const there = staged(
    everybodyIn(request),
    (name, host) => name !== service.name || (!gone.has(host) && !isBack(request, host)),
  );
  const answers = ({ host }: Instance): boolean =>
    reachable(observed, host.name) !== undefined && !allowUnreachable.includes(host.name);
  const started = (instance: Instance): boolean => isStarted(instance, request);
  const isUp = (instance: Instance): boolean => answers(instance) && isRunning(instance, request);
  const newcomers = new Set(
    staying.filter((instance) => answers(instance) && !started(instance)).map(({ host }) => host.name),
  );
  const unwell = unwellMembers({ service, instances: staying, newcomers }, { ...request, topology: there });
  return {
    isUp,
    /** Those who are to come are none yet. */
    members: everybody.filter(
      (instance) =>
        started(instance) ||
        leaving.includes(instance) ||
        reachable(observed, instance.host.name) === undefined,
    ).length,
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
