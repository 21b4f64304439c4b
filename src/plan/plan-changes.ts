import { McpError } from '../model/failure.ts';
import { reachable } from '../model/observed.ts';
import type { Batch, Plan } from '../model/plan.ts';
import { instancesOf } from '../model/topology.ts';
import { batchesOf } from './batches.ts';
import { packagesBatch } from './packages.ts';
import type { PlanRequest } from './plan-request.ts';
import { refusalsOf } from './refusals.ts';
import { type ServiceChange, serviceChange } from './service-change.ts';
import { inDeployOrder } from './service-order.ts';

/**
 * Desired against observed, ordered so that no batch takes a second member of a quorum down. Pure. Throws McpError
 * `invalid-arguments` when the request names a host that does not exist.
 */
export function planChanges(request: PlanRequest): Plan {
  refuseUnknownHosts(request);
  const targets = targetsOf(request);
  const changes = changesByService(request, targets);
  const batches = [
    packagesBatch(request, targets),
    ...changes.flatMap((change) => batchesOf(change, request)),
  ]
    .filter((batch) => batch !== undefined)
    .map((batch, index): Batch => ({ ...batch, id: index + 1 }));
  return {
    cloud: request.topology.cloud,
    changes: changes.flatMap(({ hosts }) => hosts.flatMap(({ files }) => files)),
    batches,
    refusals: refusalsOf(request, { changes, batches }),
  };
}

function refuseUnknownHosts({ topology, limit = [], allowUnreachable = [] }: PlanRequest): void {
  const names = topology.hosts.map(({ name }) => name);
  const unknown = [...limit, ...allowUnreachable].find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new McpError('invalid-arguments', `there is no host ${unknown}`, {
    hint: `name one of ${names.join(', ')}`,
  });
}

/** Hosts that are acted on: within the limit, and they answered. */
function targetsOf({ topology, observed, limit }: PlanRequest): ReadonlySet<string> {
  const names = topology.hosts.map(({ name }) => name);
  return new Set(
    names.filter((name) => (limit?.includes(name) ?? true) && reachable(observed, name) !== undefined),
  );
}

const changesByService = (request: PlanRequest, targets: ReadonlySet<string>): readonly ServiceChange[] =>
  inDeployOrder(request.services)
    .map((service) => ({ service, instances: instancesOf(request.topology, service.name) }))
    .filter(({ instances }) => instances.length > 0)
    .map((deployed) => serviceChange(deployed, request, targets));
