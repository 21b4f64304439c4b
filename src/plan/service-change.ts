import type { DesiredHost } from '../model/desired.ts';
import { type ObservedState, reachable } from '../model/observed.ts';
import type { FileChange, HostPlan } from '../model/plan.ts';
import type { Bootstrap, Service } from '../model/service.ts';
import type { Step } from '../model/step.ts';
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
  /** Files that differ, whichever batch they come in. */
  readonly files: readonly FileChange[];
  /** What lets logins in before anything else, by host. */
  readonly admissions: readonly HostPlan[];
  /** Hosts that this run leaves out, and which are to let logins in. */
  readonly withheld: readonly string[];
  /** Hosts on which a way in goes, where anybody can come by it. */
  readonly closing: readonly string[];
  /** What is done at last, by host, when everything else is. */
  readonly last: readonly HostPlan[];
}

interface Course {
  /** Hosts that are acted on. */
  readonly targets: ReadonlySet<string>;
  /** Whether a service can let nobody in on a host now. */
  closed(service: Service, host: string): boolean;
}

/** Compares one service's part of every target host. */
export function serviceChange(
  deployed: DeployedService,
  request: PlanRequest,
  { targets, closed }: Course,
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
  const seen = instances.flatMap(({ host }): readonly HostChange[] => {
    const now = reachable(observed, host.name);
    const wanted = desired.hosts.get(host.name);
    if (!now || !wanted) return [];
    return [
      hostChange(service.name, wanted, {
        now,
        installing: missingPackages(request, host.name).length > 0,
        bootstrap: bootstrap?.host === host.name ? bootstrap : undefined,
        first,
        closed: closed(service, host.name),
      }),
    ];
  });
  const changes = seen.filter(({ host }) => targets.has(host));
  const hosts = changes.filter(({ steps, effect }) => steps.length > 0 || effect !== 'quiet');
  return {
    ...{ service, instances, first, newcomers, bootstrap, hosts },
    files: changes.flatMap(({ files }) => files),
    admissions: plansWith(changes, ({ admission }) => admission),
    withheld: seen.filter(({ host, admits }) => admits && !targets.has(host)).map(({ host }) => host),
    closing: bootstrap === undefined ? closingHosts(changes, newcomers) : [],
    last: plansWith(changes, ({ last }) => last),
  };
}

/** Nobody comes by what a run has never started. */
const closingHosts = (changes: readonly HostChange[], newcomers: ReadonlySet<string>): readonly string[] =>
  changes.filter(({ host, closes }) => closes && !newcomers.has(host)).map(({ host }) => host);

const plansWith = (
  changes: readonly HostChange[],
  stepsOf: (change: HostChange) => readonly Step[],
): readonly HostPlan[] =>
  changes
    .map((change) => ({ host: change.host, steps: stepsOf(change) }))
    .filter(({ steps }) => steps.length > 0);

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
