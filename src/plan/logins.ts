import { findAll, servicesOut } from '../model/check.ts';
import { type DraftBatch, quietBatch } from '../model/plan.ts';
import { checksOf, type Service } from '../model/service.ts';
import { needingAny } from '../model/service-order.ts';
import { instancesOf } from '../model/topology.ts';
import { everybodyIn, type PlanRequest } from './plan-request.ts';
import { unwellMembers } from './quorum.ts';
import type { ServiceChange } from './service-change.ts';

/**
 * New users and passwords, let in beside those that are in force: nobody who gets one in the course of the run is refused,
 * whatever the order in which services change.
 */
export const admissions = (changes: readonly ServiceChange[]): readonly DraftBatch[] =>
  changes
    .filter((change) => change.admissions.length > 0)
    .map(({ service, admissions: hosts }) =>
      loginBatch(service.name, `${service.title}: new logins beside the former`, hosts),
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
    .map(({ service, last }) => loginBatch(service.name, `${service.title}: former secrets go`, last));
}

const loginBatch = (...batch: Parameters<typeof quietBatch>): DraftBatch => ({
  ...quietBatch(...batch),
  purpose: 'logins',
});

/** Where nobody can be let in now: it is done in its turn, when what is wrong there is mended. */
export function closedFor(request: PlanRequest): (service: Service, host: string) => boolean {
  const out = servingNobody(request);
  return (service, host) => {
    if (out.has(service.name)) return true;
    // A member that others outvote does not speak for them; what it is told would halt the run that mends it.
    if (service.quorum !== 'majority') return false;
    const topology = everybodyIn(request);
    const instances = instancesOf(topology, service.name);
    return unwellMembers({ service, instances }, { ...request, topology }).has(host);
  };
}

/** Services that serve nobody, and those that need one of them. */
function servingNobody({ services, topology, observed }: PlanRequest): ReadonlySet<string> {
  const out = servicesOut(findAll(checksOf(services, topology), observed));
  return new Set([...out, ...needingAny(out, services)]);
}
