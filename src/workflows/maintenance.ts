import { hostname } from 'node:os';
import { enterMaintenance, leaveMaintenance } from '../execute/index.ts';
import { operatorName } from '../inventory/index.ts';
import { McpError } from '../model/failure.ts';
import { type Maintenance, restingIn } from '../model/membership.ts';
import { membershipIn, type ObservedState } from '../model/observed.ts';
import { isEmpty, type Plan } from '../model/plan.ts';
import {
  type MaintenanceRequest,
  planChanges,
  planEntering,
  planReturn,
  withMaintenance,
} from '../plan/index.ts';
import { askedFrom } from './asked.ts';
import type { Session } from './cloud.ts';
import { refuse } from './deploy.ts';
import { type LockWishes, whenUnlocked } from './lock-wait.ts';
import { createRunFolder } from './run-folder.ts';

export interface MaintenanceOptions extends LockWishes {
  readonly host: string;
  /** Shows what would be done and asks; resolves false to leave everything as it is. */
  confirm(prepared: PreparedMaintenance): Promise<boolean>;
}

/** What would be done, before it is. */
export interface PreparedMaintenance {
  readonly host: string;
  readonly verb: 'enter' | 'leave';
  readonly plan: Plan;
  /** The host is not as desired: what it would do after a power cycle may not be what marks say. */
  readonly isBehind: boolean;
}

/** A host that carries nothing, and why. */
export interface RestingHost extends Maintenance {
  readonly host: string;
}

/** The hosts in maintenance, as any host of the cloud has it on record. */
export async function hostsInMaintenance({ cloud, observeOthers }: Session): Promise<readonly RestingHost[]> {
  const hosts = cloud.topology.hosts.map(({ name }) => name);
  const observed = await observeOthers({ desired: { hosts: new Map() }, hosts, depth: 'state' });
  return [...restingIn(membershipIn(observed, cloud.topology.cloud))].map(([host, maintenance]) => ({
    host,
    ...maintenance,
  }));
}

/**
 * Takes a host out, and waits until it could be powered off. One that is in maintenance already is gone over once more,
 * and keeps its reason unless another is given. Throws McpError when it is refused or halts.
 */
export const takeHostOut = (
  session: Session,
  options: MaintenanceOptions & { readonly reason?: string },
): Promise<Plan> =>
  whenUnlocked(session, options, async (emit) => {
    const { request, observed } = await look(session, options.host);
    const plan = planEntering(request, maintenanceFor(request, options.reason));
    const prepared = { host: options.host, verb: 'enter', plan, isBehind: isBehind(request) } as const;
    return carryOut(prepared, { session, observed, options: { ...options, emit } });
  });

/** Brings a host back. Throws McpError when it is refused or halts. */
export const bringHostBack = (session: Session, options: MaintenanceOptions): Promise<Plan> =>
  whenUnlocked(session, options, async (emit) => {
    const { request, observed } = await look(session, options.host);
    const plan = planReturn(request);
    const prepared = { host: options.host, verb: 'leave', plan, isBehind: isBehind(request) } as const;
    return carryOut(prepared, { session, observed, options: { ...options, emit } });
  });

interface Looked {
  readonly request: MaintenanceRequest;
  readonly observed: ObservedState;
}

async function look(session: Session, host: string): Promise<Looked> {
  const { topology, desired, services } = session.cloud;
  const names = topology.hosts.map(({ name }) => name);
  if (!names.includes(host)) {
    throw new McpError('invalid-arguments', `there is no host ${host}`, {
      hint: `name one of ${names.join(', ')}`,
    });
  }
  const observed = await session.observe('everything');
  const recorded = membershipIn(observed, topology.cloud);
  return { request: { host, topology, services, desired, observed, recorded }, observed };
}

function maintenanceFor({ host, recorded }: MaintenanceRequest, reason: string | undefined): Maintenance {
  const before = restingIn(recorded).get(host);
  if (before !== undefined && reason === undefined) return before;
  return {
    since: before?.since ?? new Date().toISOString(),
    by: `${operatorName()}@${hostname()}`,
    reason: reason ?? 'no reason given',
  };
}

/** Whether a deploy would change something on the host if it were in no maintenance. */
function isBehind({ host, recorded, ...request }: MaintenanceRequest): boolean {
  const membership = {
    recorded: recorded && withMaintenance(recorded, host, undefined),
    all: request.topology,
  };
  const { batches } = planChanges({ ...request, membership, overwriteDrift: false });
  return batches
    .filter(({ service }) => service !== 'membership')
    .some(({ hosts }) => hosts.some((each) => each.host === host && each.steps.length > 0));
}

interface CarryingOut {
  readonly session: Session;
  readonly observed: ObservedState;
  readonly options: MaintenanceOptions;
}

async function carryOut(
  prepared: PreparedMaintenance,
  { session, observed, options }: CarryingOut,
): Promise<Plan> {
  const { plan, host, verb } = prepared;
  refuse(plan);
  if (isEmpty(plan)) return plan;
  if (!(await options.confirm(prepared))) {
    throw new McpError('not-confirmed', 'not confirmed: nothing was changed');
  }
  const { topology, desired, services } = session.cloud;
  const { run, directory } = await createRunFolder(topology.cloud, new Date());
  const { connect, connectAfresh } = session;
  const { emit, signals } = options;
  const act = verb === 'enter' ? enterMaintenance : leaveMaintenance;
  await act(
    {
      ...{ run, runDirectory: directory, plan, observed, desired, topology, services },
      asked: await askedFrom(session.repository, `maintenance ${verb}`),
      ...{ connect, connectAfresh, emit, signals },
    },
    host,
  );
  return plan;
}
