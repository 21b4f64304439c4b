import { refuseWhileBusy, rollOut } from '../execute/index.ts';
import { type FailureCode, McpError } from '../model/failure.ts';
import { isEmpty, type Plan, type Refusal } from '../model/plan.ts';
import type { PlanOptions } from '../model/plan-options.ts';
import { askedFrom } from './asked.ts';
import type { Session } from './cloud.ts';
import { type LockWishes, whenUnlocked } from './lock-wait.ts';
import { type Planned, planCloud } from './plan.ts';
import { createRunFolder } from './run-folder.ts';
import { refuseOutdated } from './saved-plan.ts';
import type { SealedPlan } from './saved-plan-file.ts';

export interface DeployOptions extends PlanOptions, LockWishes {
  /** Carried out, with the options that it was made with, or not at all; undefined: what is due now. */
  readonly saved?: SealedPlan;
  /** Shows the plan and asks; resolves false to leave everything as it is. */
  confirm(planned: Planned): Promise<boolean>;
}

/**
 * Plans, has it confirmed, and carries it out. Throws McpError when it is refused or halts, `stale-plan` where a saved
 * plan is not what is due any more; a plan with nothing to do touches no host.
 */
export const deployCloud = (session: Session, options: DeployOptions): Promise<Planned> =>
  whenUnlocked(session, options, (emit) => deployOnce(session, { ...options, emit }));

async function deployOnce(session: Session, options: DeployOptions): Promise<Planned> {
  const { saved } = options;
  const planned = await planCloud(session, saved?.saved.options ?? options);
  if (saved !== undefined) refuseOutdated(saved, session.cloud, planned);
  refuse(planned.plan);
  if (isEmpty(planned.plan)) {
    // A run that was killed after its last step has left a guard armed: what it did is about to be undone.
    refuseWhileBusy(planned.observed);
    return planned;
  }
  if (!(await options.confirm(planned))) {
    throw new McpError('not-confirmed', 'not confirmed: nothing was changed');
  }
  const { topology, services } = session.cloud;
  const { run, directory } = await createRunFolder(topology.cloud, new Date());
  await rollOut({
    run,
    asked: await askedFrom(session.repository, 'deploy'),
    runDirectory: directory,
    plan: planned.plan,
    observed: planned.observed,
    desired: planned.desired,
    topology: planned.all,
    wanted: topology,
    services,
    connect: session.connect,
    connectAfresh: session.connectAfresh,
    emit: options.emit,
    signals: options.signals,
  });
  return planned;
}

/** A plan that must not be carried out ends the run with the gravest of its reasons, naming all of them. */
export function refuse({ refusals }: Plan): void {
  const [gravest] = [...refusals].sort(
    (left, right) => gravity.indexOf(left.kind) - gravity.indexOf(right.kind),
  );
  if (gravest === undefined) return;
  throw new McpError(failureOf[gravest.kind], refusals.map(({ message }) => message).join('\n'), {
    host: gravest.host,
    hint: gravest.hint,
  });
}

const gravity: readonly Refusal['kind'][] = [
  'outage',
  'unreachable',
  'foreign-host',
  'other-release',
  'newer-format',
  'returned',
  'quorum',
  'degraded',
  'older',
  'drift',
];

const failureOf: Readonly<Record<Refusal['kind'], FailureCode>> = {
  outage: 'degraded-start',
  unreachable: 'unreachable',
  'foreign-host': 'foreign-host',
  'other-release': 'foreign-host',
  'newer-format': 'newer-format',
  degraded: 'degraded-start',
  quorum: 'degraded-start',
  returned: 'degraded-start',
  drift: 'drift',
  older: 'older-inventory',
};
