import { capacityWithout } from '../model/capacity.ts';
import { type Maintenance, type Membership, restingIn } from '../model/membership.ts';
import { leftRecord, reachable } from '../model/observed.ts';
import {
  type DraftBatch,
  type MissingHost,
  numbered,
  type Plan,
  planWith,
  quietBatch,
} from '../model/plan.ts';
import type { Service } from '../model/service.ts';
import { inLeavingOrder } from '../model/service-order.ts';
import { instancesOf } from '../model/topology.ts';
import { enteringRefusals, silentHost } from './maintenance-refusals.ts';
import { type MaintenanceRequest, silentOthers } from './maintenance-request.ts';
import { missingHosts } from './missing.ts';

/** How `host` is taken out: what lets clients in leaves first, then each service before those it needs. */
export function planEntering(request: MaintenanceRequest, maintenance: Maintenance): Plan {
  const { host, recorded, services, topology } = request;
  const intent = recorded && withMaintenance(recorded, host, maintenance);
  const batches = inLeavingOrder(services).flatMap((service) => batchFor(service, 'leaves', request));
  return {
    ...planWith(
      topology.cloud,
      numbered([opening(host, `Say everywhere that ${host} is in maintenance`), ...batches]),
    ),
    missing: missingHosts(asPlanned(request)),
    refusals: enteringRefusals(request, intent),
    intent,
  };
}

/**
 * How `host` comes back: the other way round, after the marks are gone. Empty where it is not in maintenance and nothing
 * of it is left. Others that do not answer are no reason to keep it out.
 */
export function planReturn(request: MaintenanceRequest): Plan {
  const { host, recorded, services, observed, topology } = request;
  const records = reachable(observed, host)?.records;
  const isOut =
    restingIn(recorded).has(host) || services.some(({ name }) => records?.has(leftRecord(name)) === true);
  const batches = inLeavingOrder(services)
    .toReversed()
    .flatMap((service) => batchFor(service, 'returns to', request));
  return {
    ...planWith(
      topology.cloud,
      isOut ? numbered([opening(host, `Take the marks off ${host}`), ...batches]) : [],
    ),
    missing: [...missingHosts(asPlanned(request)), ...silentMembers(request)],
    refusals: isOut && records === undefined ? [silentHost(request, 'returns')] : [],
    intent: recorded && withMaintenance(recorded, host, undefined),
  };
}

/** The record with this said of one of its members, in a generation of its own where that is news. */
export function withMaintenance(
  recorded: Membership,
  host: string,
  maintenance: Maintenance | undefined,
): Membership {
  const members = recorded.members.map((member) => {
    if (member.name !== host) return member;
    const { maintenance: _before, ...rest } = member;
    return maintenance === undefined ? rest : { ...rest, maintenance };
  });
  const isNews = JSON.stringify(members) !== JSON.stringify(recorded.members);
  return isNews ? { ...recorded, generation: recorded.generation + 1, members } : recorded;
}

/** The others as a plan sees them: this host's own maintenance is what is under way. */
const asPlanned = ({ host, recorded, ...request }: MaintenanceRequest) => ({
  ...request,
  membership: { recorded: recorded && withMaintenance(recorded, host, undefined), all: request.topology },
  overwriteDrift: false,
});

/** A service that was ever set up on the host, and can leave it or be kept from work there. */
function batchFor(
  service: Service,
  verb: 'leaves' | 'returns to',
  { host, topology, observed }: MaintenanceRequest,
): readonly DraftBatch[] {
  const instance = instancesOf(topology, service.name).find((each) => each.host.name === host);
  const isThere = reachable(observed, host)?.belongings.some((each) => each.service === service.name);
  if (instance === undefined || isThere !== true) return [];
  if (service.leave === undefined && service.rest === undefined) return [];
  const leaves = verb === 'leaves';
  return [
    {
      service: service.name,
      title: `${service.title} ${verb} ${host}`,
      hosts: [{ host, steps: [] }],
      disruptive: leaves,
      capacity: leaves ? (service.capacity?.(instance, topology, observed, new Set()) ?? '') : '',
      leaving: [],
    },
  ];
}

const opening = (host: string, title: string): DraftBatch =>
  quietBatch('maintenance', title, [{ host, steps: [] }]);

const silentMembers = (request: MaintenanceRequest): readonly MissingHost[] => {
  const silent = silentOthers(request);
  return silent.map((name) => ({
    host: name,
    kind: 'silent',
    reason: 'does not answer',
    capacity: capacityWithout(name, new Set(silent), request),
  }));
};
