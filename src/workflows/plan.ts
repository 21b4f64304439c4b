import type { DesiredState } from '../model/desired.ts';
import { type ObservedState, reachable } from '../model/observed.ts';
import { isEmpty, type Plan } from '../model/plan.ts';
import type { Topology } from '../model/topology.ts';
import { planChanges } from '../plan/index.ts';
import { type Looking, observeParticipants, type Participants } from './participants.ts';

export interface PlanOptions {
  readonly overwriteDrift?: boolean;
  readonly allowUnreachable?: readonly string[];
  readonly limit?: readonly string[];
  /** Hosts that leave and need not answer. */
  readonly forget?: readonly string[];
  /** Data of what leaves is removed, too. */
  readonly purge?: boolean;
}

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
export async function planCloud(session: Looking, options: PlanOptions = {}): Promise<Planned> {
  if ((options.allowUnreachable ?? []).length === 0) {
    const glance = planFrom(session, await observeParticipants(session, 'state'), options);
    if (isEmpty(glance.plan) && !isTroubled(glance)) return glance;
  }
  return planFrom(session, await observeParticipants(session, 'everything'), options);
}

function planFrom(session: Looking, participants: Participants, options: PlanOptions): Planned {
  const { all, desired, observed, recorded } = participants;
  const plan = planChanges({
    ...options,
    topology: session.cloud.topology,
    services: session.cloud.services,
    desired,
    observed,
    membership: { recorded, all },
    overwriteDrift: options.overwriteDrift ?? false,
  });
  return { plan, all, desired, observed };
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
