import type { DesiredHost } from '../model/desired.ts';
import { type ObservedState, reachable } from '../model/observed.ts';
import type { Bootstrap, Service } from '../model/service.ts';
import type { Instance } from '../model/topology.ts';
import { type HostChange, hostChange, resourcesOf } from './host-change.ts';
import { missingPackages } from './packages.ts';
import type { PlanRequest } from './plan-request.ts';
import { recordOfTask } from './units.ts';

/** A service with the hosts that run it. */
export interface DeployedService {
  readonly service: Service;
  readonly instances: readonly Instance[];
}

/** What changes for one service, not yet in batches. */
export interface ServiceChange extends DeployedService {
  /** No instance was ever started by us: no client depends on it yet. */
  readonly first: boolean;
  /** Hosts on which it was never started. */
  readonly newcomers: ReadonlySet<string>;
  readonly bootstrap: Bootstrap | undefined;
  readonly hosts: readonly HostChange[];
}

/** Compares one service's part of every target host. */
export function serviceChange(
  deployed: DeployedService,
  request: PlanRequest,
  targets: ReadonlySet<string>,
): ServiceChange {
  const { service, instances } = deployed;
  const { topology, desired, observed } = request;
  const newcomers = new Set(
    instances
      .map(({ host }) => host.name)
      .filter((host) => !wasDeployed(service.name, desired.hosts.get(host), observed)),
  );
  const first = newcomers.size === instances.length;
  const bootstrap = service.bootstrap?.(instances, topology, observed);
  const hosts = instances.flatMap(({ host }): readonly HostChange[] => {
    const now = reachable(observed, host.name);
    const wanted = desired.hosts.get(host.name);
    if (!now || !wanted || !targets.has(host.name)) return [];
    const change = hostChange(service.name, wanted, {
      now,
      installing: missingPackages(request, host.name).length > 0,
      bootstrap: bootstrap?.host === host.name ? bootstrap : undefined,
      first,
    });
    return change.steps.length === 0 && change.effect === 'quiet' ? [] : [change];
  });
  return { service, instances, first, newcomers, bootstrap, hosts };
}

/** Whether a run has ever started or done something of this service on a host. */
function wasDeployed(service: string, wanted: DesiredHost | undefined, observed: ObservedState): boolean {
  const records = wanted && reachable(observed, wanted.host)?.records;
  if (!records) return false;
  return resourcesOf(service, wanted).some(
    (resource) =>
      (resource.kind === 'unit' && records.has(resource.name)) ||
      (resource.kind === 'task' && records.has(recordOfTask(resource.name))),
  );
}
