import { reachable } from '../model/observed.ts';
import { type DraftBatch, type HostPlan, quietBatch } from '../model/plan.ts';
import type { PlanRequest } from './plan-request.ts';

/**
 * Every missing package of every service in one batch before all others: one run of the package manager a host, all
 * hosts at once, and afterwards each service's own checker is there to look at the staged files.
 */
export function packagesBatch(request: PlanRequest, targets: ReadonlySet<string>): readonly DraftBatch[] {
  const hosts = [...targets].flatMap((host): readonly HostPlan[] => {
    const packages = missingPackages(request, host);
    return packages.length === 0 ? [] : [{ host, steps: [{ kind: 'install-packages', packages }] }];
  });
  if (hosts.length === 0) return [];
  return [quietBatch('packages', 'packages', hosts)];
}

/** What a host should have installed and has not, in the order of the services. */
export function missingPackages({ desired, observed }: PlanRequest, host: string): readonly string[] {
  const installed = reachable(observed, host)?.packages;
  const wanted = (desired.hosts.get(host)?.services ?? [])
    .flatMap(({ resources }) => resources)
    .filter((resource) => resource.kind === 'package')
    .map(({ name }) => name);
  return [...new Set(wanted)].filter((name) => installed?.has(name) !== true);
}
