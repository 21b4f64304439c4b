import type { DesiredState } from '../model/desired.ts';
import { lastDeployed, type ObservedState, reachable } from '../model/observed.ts';
import { isEmpty, type Plan } from '../model/plan.ts';
import type { PlanOptions } from '../model/plan-options.ts';
import type { Topology } from '../model/topology.ts';
import { type PlanRequest, planChanges } from '../plan/index.ts';
import type { Session } from './cloud.ts';
import { type Looking, observeParticipants, type Participants } from './participants.ts';

/** A plan with what it was made from: the report needs both for diffs. */
export interface Planned {
  readonly plan: Plan;
  /** Everybody who takes part: who leaves too. */
  readonly all: Topology;
  readonly desired: DesiredState;
  readonly observed: ObservedState;
}

/**
 * Observes every host and compares. Reads only: this is the dry run. How the services are decides about the order of
 * changes, and mostly there are none: so they are asked only where something is due, or where who is not well is left out.
 */
export async function planCloud(session: Planning, options: PlanOptions = {}): Promise<Planned> {
  if ((options.allowUnreachable ?? []).length === 0) {
    const glance = await planFrom(session, await observeParticipants(session, 'state'), options);
    if (isEmpty(glance.plan) && !isTroubled(glance)) return glance;
  }
  return planFrom(session, await observeParticipants(session, 'everything'), options);
}

type Planning = Looking & Pick<Session, 'repository'>;

async function planFrom(
  session: Planning,
  participants: Participants,
  { allowOlder = false, ...options }: PlanOptions,
): Promise<Planned> {
  const { all, desired, observed, recorded } = participants;
  const older = allowOlder ? undefined : await olderInventory(session, observed);
  const plan = planChanges({
    ...options,
    ...(older === undefined ? {} : { older }),
    topology: session.cloud.topology,
    services: session.cloud.services,
    desired,
    observed,
    membership: { recorded, all },
    overwriteDrift: options.overwriteDrift ?? false,
  });
  return { plan, all, desired, observed };
}

/** Git is asked only where hosts remember a commit: of an inventory in no repository nobody knows how old it is. */
async function olderInventory(
  { cloud, repository }: Planning,
  observed: ObservedState,
): Promise<PlanRequest['older']> {
  const deployed = lastDeployed(observed, cloud.topology.cloud)?.account;
  if (deployed?.commit === undefined || !(await repository.isOlderThan(deployed.commit))) return undefined;
  const commit = await repository.commit();
  return commit === undefined ? undefined : { commit, deployed };
}

/** Whether a host does not answer, or a unit neither runs nor rests: then it matters what those that do are able to. */
function isTroubled({ plan, observed }: Planned): boolean {
  const isMissed = plan.refusals.some(({ kind }) => kind === 'unreachable');
  const isUnsettled = [...observed.hosts.keys()].some((host) =>
    [...(reachable(observed, host)?.units.values() ?? [])].some(({ activeState }) =>
      ['activating', 'failed'].includes(activeState),
    ),
  );
  return isMissed || isUnsettled;
}
