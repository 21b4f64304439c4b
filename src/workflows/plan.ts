import type { DesiredState } from '../model/desired.ts';
import type { ObservedState } from '../model/observed.ts';
import { isEmpty, type Plan } from '../model/plan.ts';
import { planChanges } from '../plan/index.ts';
import { services } from '../services/index.ts';
import type { Session } from './cloud.ts';

export interface PlanOptions {
  readonly overwriteDrift?: boolean;
  readonly allowUnreachable?: readonly string[];
  readonly limit?: readonly string[];
}

type Looking = Pick<Session, 'cloud' | 'observe'>;

/** A plan with what it was made from: the report needs both for diffs. */
export interface Planned {
  readonly plan: Plan;
  readonly desired: DesiredState;
  readonly observed: ObservedState;
}

/**
 * Observes every host and compares. Reads only: this is the dry run. How the services are decides about the order of
 * changes, and mostly there are none: so they are asked only where something is due.
 */
export async function planCloud(session: Looking, options: PlanOptions = {}): Promise<Planned> {
  const glance = planFrom(session, await session.observe('state'), options);
  return isEmpty(glance.plan) ? glance : planFrom(session, await session.observe('everything'), options);
}

function planFrom(session: Looking, observed: ObservedState, options: PlanOptions): Planned {
  const { topology, desired } = session.cloud;
  const plan = planChanges({
    topology,
    services,
    desired,
    observed,
    overwriteDrift: options.overwriteDrift ?? false,
    ...(options.allowUnreachable ? { allowUnreachable: options.allowUnreachable } : {}),
    ...(options.limit ? { limit: options.limit } : {}),
  });
  return { plan, desired, observed };
}
