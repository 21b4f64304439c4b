import { McpError } from '../model/failure.ts';
import { reachable } from '../model/observed.ts';
import { numbered, type Plan } from '../model/plan.ts';
import { inDeployOrder } from '../model/service-order.ts';
import { instancesOf } from '../model/topology.ts';
import { batchesOf } from './batches.ts';
import { cleaningBatches } from './cleaning.ts';
import { departuresIn } from './departures.ts';
import { admissions, closedFor, retirements } from './logins.ts';
import { missingHosts } from './missing.ts';
import { packagesBatch } from './packages.ts';
import { everybodyIn, type PlanRequest } from './plan-request.ts';
import { recordBatch, recordingOf } from './record.ts';
import { refusalsOf } from './refusals.ts';
import { partedByRevival } from './revivals.ts';
import { type ServiceChange, serviceChange } from './service-change.ts';
import { partedByWays } from './ways.ts';

/**
 * Desired against observed, ordered so that no batch takes a second member of a quorum down: new logins are let in, what was
 * stopped is started, who leaves goes, then those who stay and those who come are changed, what closes a way in comes after
 * who used it, what nobody uses any more is taken away, and at last hosts record who belongs. Pure. Throws McpError `invalid-arguments` when the request names a host that
 * does not exist.
 */
export function planChanges(request: PlanRequest): Plan {
  refuseUnknownHosts(request);
  const missing = missingHosts(request);
  const targets = targetsOf(request, missing);
  const changes = changesByService(request, targets);
  const departures = departuresIn(request, targets);
  const cleaning = cleaningBatches(request, targets);
  const recording = recordingOf(request);
  const { revivals, others: changing } = partedByRevival(changes);
  const { others, closing } = partedByWays(changing);
  const batches = numbered([
    // First, since it takes long and disturbs nobody: those who come are ready when others have gone.
    ...packagesBatch(request, targets),
    ...admissions(changes),
    ...revivals.flatMap((change) => batchesOf(change, request)),
    ...departures.batches,
    ...cleaning.leaving,
    ...others.flatMap((change) => batchesOf(withoutNewcomers(change, request), request)),
    ...others.flatMap((change) => batchesOf(newcomersOf(change, request), request)),
    ...closing.flatMap((change) => [
      ...batchesOf(withoutNewcomers(change, request), request),
      ...batchesOf(newcomersOf(change, request), request),
    ]),
    ...cleaning.staying,
    ...retirements(changes, request, targets),
    ...recordBatch(request, recording, targets),
  ]);
  return {
    cloud: request.topology.cloud,
    changes: changes.flatMap(({ files }) => files),
    batches,
    refusals: refusalsOf(request, { changes, batches, departures, targets }),
    departures: departures.told,
    missing,
    intent: recording?.intent,
    recorded: request.membership?.recorded?.generation,
  };
}

function refuseUnknownHosts(request: PlanRequest): void {
  const { limit = [], allowUnreachable = [], forget = [], topology, membership } = request;
  const names = topology.hosts.map(({ name }) => name);
  const known = new Set([...names, ...everybodyIn(request).hosts.map(({ name }) => name)]);
  // Who was forgotten by a run that was cut off may be named again, for the same command is to finish it.
  const forgotten = new Set(membership?.recorded?.forgotten.map(({ name }) => name));
  const asked = [...limit, ...allowUnreachable, ...forget.filter((name) => !forgotten.has(name))];
  const unknown = asked.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new McpError('invalid-arguments', `there is no host ${unknown}`, {
      hint: `name one of ${[...known].join(', ')}`,
    });
  }
  const staying = forget.find((name) => names.includes(name));
  if (staying === undefined) return;
  throw new McpError('invalid-arguments', `${staying} is in the inventory: who stays is not forgotten`, {
    hint: `take ${staying} out of the inventory first, or add --allow-unreachable ${staying} to go on without it`,
  });
}

/** Hosts that are acted on: within the limit, not left out, and they answered. */
function targetsOf(request: PlanRequest, missing: readonly { readonly host: string }[]): ReadonlySet<string> {
  const { observed, limit } = request;
  const names = everybodyIn(request).hosts.map(({ name }) => name);
  return new Set(
    names
      .filter((name) => limit?.includes(name) ?? true)
      .filter((name) => reachable(observed, name) !== undefined)
      .filter((name) => missing.every(({ host }) => host !== name)),
  );
}

function changesByService(request: PlanRequest, targets: ReadonlySet<string>): readonly ServiceChange[] {
  const closed = closedFor(request);
  return inDeployOrder(request.services)
    .map((service) => ({ service, instances: instancesOf(request.topology, service.name) }))
    .filter(({ instances }) => instances.length > 0)
    .map((deployed) => serviceChange(deployed, request, { targets, closed }));
}

/** What lets clients in waits on hosts that join a running cloud until all else there serves. */
const isNewcomer =
  (change: ServiceChange, { topology, observed }: PlanRequest) =>
  ({ host }: { readonly host: string }): boolean => {
    const { service, first, newcomers, instances } = change;
    if (service.admitsClients !== true || first) return false;
    const instance = instances.find((each) => each.host.name === host);
    const ways = instance === undefined ? [] : (service.newWays?.(instance, topology, observed) ?? []);
    return newcomers.has(host) || ways.length > 0;
  };

const withoutNewcomers = (change: ServiceChange, request: PlanRequest): ServiceChange => ({
  ...change,
  hosts: change.hosts.filter((host) => !isNewcomer(change, request)(host)),
});

const newcomersOf = (change: ServiceChange, request: PlanRequest): ServiceChange => ({
  ...change,
  bootstrap: undefined,
  hosts: change.hosts.filter(isNewcomer(change, request)),
});
