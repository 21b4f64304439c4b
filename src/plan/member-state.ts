import { type ReachableHost, reachable } from '../model/observed.ts';
import type { Instance } from '../model/topology.ts';
import type { PlanRequest } from './plan-request.ts';

/** Whether a run has started it there: what one has only announced may never have come to be. */
export const isStarted = (instance: Instance, request: Pick<PlanRequest, 'observed'>): boolean =>
  startedUnits(instance, request).length > 0;

/** Whether all that runs have started of it runs: one that is down is no member that would be missed. */
export function isRunning(instance: Instance, request: Pick<PlanRequest, 'observed'>): boolean {
  const now = reachable(request.observed, instance.host.name);
  const units = startedUnits(instance, request);
  return units.length > 0 && units.every((unit) => isActive(now, unit));
}

function startedUnits(
  { service, host }: Instance,
  { observed }: Pick<PlanRequest, 'observed'>,
): readonly string[] {
  const now = reachable(observed, host.name);
  return (now?.belongings ?? [])
    .filter(
      (each) => each.service === service && each.kind === 'unit' && now?.records.has(each.name) === true,
    )
    .map(({ name }) => name);
}

const isActive = (now: ReachableHost | undefined, unit: string): boolean =>
  ['active', 'reloading', 'refreshing'].includes(now?.units.get(unit)?.activeState ?? '');
