import { maintenanceAsText } from '../model/membership.ts';
import { reachable } from '../model/observed.ts';
import type { Batch, Refusal } from '../model/plan.ts';
import type { Service } from '../model/service.ts';
import { staged } from '../model/stage.ts';
import { instancesOf } from '../model/topology.ts';
import { everybodyIn, type PlanRequest, restingHosts } from './plan-request.ts';
import type { DeployedService, ServiceChange } from './service-change.ts';

/** Members that must stay up so that clients are served. */
export function membersNeeded({ quorum }: Service, members: number): number {
  if (quorum === 'none') return 0;
  return quorum === 'majority' ? Math.floor(members / 2) + 1 : 1;
}

/**
 * Members that are in maintenance, still to come, do not answer, or are blamed by a check of their service, each with the
 * reason. They are judged as `topology` has them now, without those who come.
 */
export function unwellMembers(
  { service, instances, newcomers = new Set() }: Judged,
  request: Pick<PlanRequest, 'topology' | 'observed' | 'membership'>,
): ReadonlyMap<string, string> {
  const { observed } = request;
  const resting = restingHosts(request);
  // Who is away or to come is no reason to call the others unwell.
  const topology = staged(
    request.topology,
    (name, host) => !resting.has(host) && !(name === service.name && newcomers.has(host)),
  );
  const judged = instancesOf(topology, service.name).filter(({ host }) =>
    instances.some((instance) => instance.host.name === host.name),
  );
  const findings = service
    .checks(judged, topology)
    .flatMap((check) => check.judge(observed))
    .filter(({ severity }) => severity === 'red');
  const reasons = instances.flatMap(({ host }): readonly (readonly [string, string])[] => {
    const maintenance = resting.get(host.name);
    if (maintenance !== undefined) return [[host.name, `it ${maintenanceAsText(maintenance)}`]];
    if (!reachable(observed, host.name)) return [[host.name, 'it does not answer']];
    if (newcomers.has(host.name)) return [[host.name, 'it is still to be set up']];
    const finding = findings.find(({ hosts }) => hosts.includes(host.name));
    return finding ? [[host.name, finding.message]] : [];
  });
  return new Map(reasons);
}

interface Judged extends DeployedService {
  /** Hosts on which it was never started. */
  readonly newcomers?: ReadonlySet<string>;
}

/**
 * Walks through the batches of one service: acting on a well member while others are unwell, and will still be when
 * its turn comes, must leave as many as the quorum needs. A service that was never deployed has nothing to lose.
 */
export function quorumRefusals(
  change: ServiceChange,
  batches: readonly Batch[],
  request: PlanRequest,
): readonly Refusal[] {
  const { service, instances, first } = change;
  const needed = membersNeeded(service, instances.length);
  if (first || needed === 0) return [];
  const down = new Map(unwellMembers(change, { ...request, topology: everybodyIn(request) }));
  return (
    batches
      // Who leaves has been counted already.
      .filter((batch) => batch.service === service.name && batch.leaving.length === 0)
      .flatMap((batch): readonly Refusal[] => {
        const acted = batch.hosts.map(({ host }) => host);
        const others = [...down].filter(([host]) => !acted.includes(host));
        const left = instances.length - others.length - acted.length;
        const takesOneDown = batch.disruptive && acted.some((host) => !down.has(host));
        for (const host of acted.filter((name) => actsOnUnits(batch, name))) down.delete(host);
        if (!takesOneDown || others.length === 0 || left >= needed) return [];
        return [degraded({ service, acted, others, counts: `${left} of ${instances.length}`, needed })];
      })
  );
}

/** Whether its gate afterwards waits for the host to be well; one that only comes back has no steps. */
const actsOnUnits = (batch: Batch, name: string): boolean =>
  batch.hosts.some(
    ({ host, steps }) =>
      host === name && (steps.length === 0 || steps.some(({ kind }) => isActing.has(kind))),
  );

const isActing: ReadonlySet<string> = new Set(['unit', 'bootstrap']);

interface Loss {
  readonly service: Service;
  readonly acted: readonly string[];
  readonly others: readonly (readonly [host: string, reason: string])[];
  readonly counts: string;
  readonly needed: number;
}

const degraded = ({ service, acted, others, counts, needed }: Loss): Refusal => ({
  kind: 'degraded',
  host: acted[0] ?? '',
  message:
    `${service.title}: changing ${acted.join(', ')} would leave ${counts} members and ${needed} must stay; ` +
    others.map(([host, reason]) => `${host}: ${reason}`).join('; '),
  hint: `bring ${others.map(([host]) => host).join(', ')} back first; \`mcp status\` shows what is wrong`,
});
