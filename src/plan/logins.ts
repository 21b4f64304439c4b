import { concerned, findAll } from '../model/check.ts';
import { type DraftBatch, quietBatch } from '../model/plan.ts';
import { checksOf } from '../model/service.ts';
import { needingAny } from '../model/service-order.ts';
import type { PlanRequest } from './plan-request.ts';
import type { ServiceChange } from './service-change.ts';

/**
 * New users and passwords, let in beside those that are in force: nobody who gets one in the course of the run is refused,
 * whatever the order in which services change.
 */
export const admissions = (changes: readonly ServiceChange[]): readonly DraftBatch[] =>
  changes
    .filter((change) => change.admissions.length > 0)
    .map(({ service, admissions: hosts }) =>
      quietBatch(service.name, `${service.title}: new logins beside the former`, hosts),
    );

/**
 * Takes away what was left in force so that nobody missed anything while host after host changed. A host that this run
 * leaves out may still use it: then it stays in force, until a run reaches everybody.
 */
export function retirements(
  changes: readonly ServiceChange[],
  { topology, keepFormer = false }: PlanRequest,
  targets: ReadonlySet<string>,
): readonly DraftBatch[] {
  if (keepFormer || topology.hosts.some(({ name }) => !targets.has(name))) return [];
  return changes
    .filter(({ last }) => last.length > 0)
    .map(({ service, last }) => quietBatch(service.name, `${service.title}: former logins go`, last));
}

/** Services that serve nobody, and those that need one of them: none of them could let anybody in now. */
export function servingNobody({ services, topology, observed }: PlanRequest): ReadonlySet<string> {
  const out = new Set(
    findAll(checksOf(services, topology), observed)
      .filter(({ finding }) => finding.outage === 'service')
      .map(concerned),
  );
  return new Set([...out, ...needingAny(out, services)]);
}
