import type { Check, Finding } from '../model/check.ts';
import type { DesiredState } from '../model/desired.ts';
import { type ObservedState, reachable } from '../model/observed.ts';
import type { Batch, Plan } from '../model/plan.ts';
import { checksOf, type Service } from '../model/service.ts';
import { instancesOf, type Topology } from '../model/topology.ts';

/** Decides which findings close a gate. Made once a run, from what was observed before it. */
export interface GateRules {
  /** Red findings that close the gate before or after a batch. */
  closing(observed: ObservedState, batch: Batch, when: 'before' | 'after'): readonly Finding[];
  /** Red findings that close the last gate: nothing is excused any more. */
  closingAtEnd(observed: ObservedState): readonly Finding[];
}

export interface GateRequest {
  readonly plan: Plan;
  readonly services: readonly Service[];
  readonly topology: Topology;
  readonly desired: DesiredState;
  /** As it was before the run. */
  readonly observed: ObservedState;
}

/**
 * A gate looks at the whole cluster, and yet a first deploy or a repair must get through it. So a service is not judged
 * before its first deploy is complete, and what was red before the run is excused as long as work that can cure it is
 * still ahead. Whatever was green must stay green.
 */
export function gateRules({ plan, services, topology, desired, observed }: GateRequest): GateRules {
  const checks = checksOf(services, topology);
  const started = (service: string) => wasStarted(service, { topology, desired, observed });
  const fresh = new Set(services.map(({ name }) => name).filter((name) => !started(name)));
  const redBefore = new Set(
    checks.flatMap((check) => redFindings(check, observed).map((finding) => troubleOf(check, finding))),
  );
  const ahead = ({ service }: { readonly service: string }, { id }: Batch, when: 'before' | 'after') =>
    plan.batches.some(
      (batch) => batch.service === service && (when === 'before' ? batch.id >= id : batch.id > id),
    );
  const isPlanned = (name: string) => plan.batches.some(({ service }) => service === name);
  const isNotJudged = (judged: { readonly service: string }, batch: Batch, when: 'before' | 'after') =>
    fresh.has(judged.service) && (ahead(judged, batch, when) || !isPlanned(judged.service));
  const isDue = ({ service }: Finding, batch: Batch, when: 'before' | 'after') =>
    service === undefined || !isNotJudged({ service }, batch, when);
  const isExcused = (check: Check, finding: Finding, batch: Batch, when: 'before' | 'after') => {
    const service = finding.service ?? check.service;
    if (!redBefore.has(troubleOf(check, finding))) return false;
    // Bringing something up can't make worse what is none of its business; acting on what clients use could.
    return ahead({ service }, batch, when) || (!batch.disruptive && service !== batch.service);
  };
  return {
    closing: (now, batch, when) =>
      checks
        .filter((check) => !isNotJudged(check, batch, when))
        .flatMap((check) =>
          redFindings(check, now).filter((finding) => !isExcused(check, finding, batch, when)),
        )
        .filter((finding) => isDue(finding, batch, when))
        .filter((finding) => when === 'after' || !blamesOnly(finding, batch)),
    closingAtEnd: (now) =>
      checks
        .filter(
          ({ service }) => !fresh.has(service) || plan.batches.some((batch) => batch.service === service),
        )
        .flatMap((check) => redFindings(check, now)),
  };
}

/** What is wrong, and with which service: a load balancer's check speaks for many. */
const troubleOf = (check: Check, finding: Finding): string =>
  `${check.name} of ${finding.service ?? check.service}`;

/** What is about to be changed may be what is wrong with it. */
const blamesOnly = ({ hosts }: Finding, batch: Batch): boolean =>
  hosts.length > 0 && hosts.every((name) => batch.hosts.some(({ host }) => host === name));

const redFindings = (check: Check, observed: ObservedState): readonly Finding[] =>
  check.judge(observed).filter(({ severity }) => severity === 'red');

/** Whether a run has ever started one of the service's units, or done one of its tasks, on any host. */
function wasStarted(
  service: string,
  { topology, desired, observed }: Pick<GateRequest, 'topology' | 'desired' | 'observed'>,
): boolean {
  return instancesOf(topology, service).some(({ host }) => {
    const records = reachable(observed, host.name)?.records;
    const described = desired.hosts.get(host.name)?.services.find((each) => each.service === service);
    return (described?.resources ?? []).some(
      (resource) =>
        (resource.kind === 'unit' && records?.has(resource.name)) ||
        (resource.kind === 'task' && records?.has(`task-${resource.name}`)),
    );
  });
}
