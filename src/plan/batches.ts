import { guardedUnitOf, guardedUnits } from '../model/desired.ts';
import type { Batch } from '../model/plan.ts';
import { carriedBy } from '../model/service.ts';
import { unitsActedOn } from '../model/step.ts';
import type { HostChange } from './host-change.ts';
import { everybodyIn, type PlanRequest, restingHosts } from './plan-request.ts';
import { unwellMembers } from './quorum.ts';
import type { ServiceChange } from './service-change.ts';

type Draft = Omit<Batch, 'id'>;

/**
 * A service's change in the order it is rolled out: the cluster is created, what nobody notices goes to all hosts at
 * once, what does not run is started, and only then is what runs acted on, unwell members first.
 */
export function batchesOf(change: ServiceChange, request: PlanRequest): readonly Draft[] {
  const { service, first } = change;
  const rolling = first ? service.rolling.first : service.rolling.later;
  const hosts = inChangeOrder(change, request);
  const creates = hosts.filter(isBootstrap);
  const others = hosts.filter((host) => !isBootstrap(host));
  const having = (effect: HostChange['effect']) => others.filter((host) => host.effect === effect);
  const batch = (members: readonly HostChange[]): Draft => batchFor(members, change, request);
  return [
    ...oneByOne(creates),
    ...together(having('quiet')),
    ...(rolling === 'together' ? together : oneByOne)(having('starts')),
    ...(rolling === 'together' && service.quorum === 'none' ? together : oneByOne)(having('disrupts')),
  ]
    .flatMap((group) => (first ? [group] : firstAlone(group, change, request)))
    .map(batch);
}

/**
 * What could cut a host off goes to one host of each kind first, one after the other, each time to the one of which clients
 * would miss the least: the gate after it tells what it does to the others, while most are as they were. Of another kind
 * is who has other roles: a rule that cuts the members of the database does nothing to a proxy.
 */
function firstAlone(
  group: readonly HostChange[],
  { newcomers }: ServiceChange,
  request: PlanRequest,
): readonly (readonly HostChange[])[] {
  const { desired, observed, services, topology } = request;
  const guarded = group.filter(({ host, steps }) => {
    const units = guardedUnits(desired.hosts.get(host));
    return steps.some((step) => guardedUnitOf(step, units) !== undefined);
  });
  // What it does to a host that is new, or in maintenance, tells nothing of the others.
  const tells = guarded.filter(({ host }) => !newcomers.has(host) && !restingHosts(request).has(host));
  const load = (host: string) => carriedBy(host, services, topology, observed).length;
  const kindOf = (host: string) => topology.hosts.find(({ name }) => name === host)?.roles.join(' ') ?? '';
  const alone = [...new Set(tells.map(({ host }) => kindOf(host)))].flatMap((kind) =>
    tells
      .filter(({ host }) => kindOf(host) === kind)
      .toSorted((one, other) => load(one.host) - load(other.host))
      .slice(0, 1),
  );
  const rest = group.filter((each) => !alone.includes(each));
  return [...alone.map((each) => [each]), ...(rest.length === 0 ? [] : [rest])];
}

/** The service's own order (who holds a VIP or is the writer comes last), with unwell members before it all. */
function inChangeOrder(change: ServiceChange, request: PlanRequest): readonly HostChange[] {
  const { service, instances, hosts } = change;
  const ordered = service.order?.(instances, request.topology, request.observed) ?? instances;
  const unwell = unwellMembers(change, { ...request, topology: everybodyIn(request) });
  const names = [...ordered, ...instances].map(({ host }) => host.name);
  const sequence = [...new Set([...names.filter((name) => unwell.has(name)), ...names])];
  return sequence.flatMap((name) => hosts.filter(({ host }) => host === name));
}

const isBootstrap = ({ steps }: HostChange): boolean => steps.some(({ kind }) => kind === 'bootstrap');

const together = (hosts: readonly HostChange[]) => (hosts.length === 0 ? [] : [hosts]);

const oneByOne = (hosts: readonly HostChange[]) => hosts.map((host) => [host]);

function batchFor(members: readonly HostChange[], change: ServiceChange, request: PlanRequest): Draft {
  const disruptive = members.some(({ effect }) => effect === 'disrupts');
  return {
    service: change.service.name,
    title: titleFor(members, change),
    hosts: members.map(({ host, steps }) => ({ host, steps })),
    disruptive,
    capacity: disruptive ? capacityDuring(members, change, request) : '',
    leaving: [],
  };
}

function titleFor(members: readonly HostChange[], { service, bootstrap }: ServiceChange): string {
  if (bootstrap && members.some(isBootstrap)) return `${service.title}: ${bootstrap.title}`;
  const [only, ...more] = members;
  return only && more.length === 0 ? `${service.title} on ${only.host}` : service.title;
}

function capacityDuring(members: readonly HostChange[], change: ServiceChange, request: PlanRequest): string {
  const { service, instances } = change;
  const leaving = instances.filter(({ host }) => members.some((member) => member.host === host.name));
  const left = `${service.name} ${instances.length - leaving.length} of ${instances.length}`;
  const told = leaving.map((instance) => {
    const steps = members.find(({ host }) => host === instance.host.name)?.steps ?? [];
    return service.capacity?.(instance, request.topology, request.observed, unitsActedOn(steps)) ?? left;
  });
  return [...new Set(told)].join('; ');
}
