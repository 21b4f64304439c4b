import type { DesiredHost } from '../model/desired.ts';
import { McpError } from '../model/failure.ts';
import type { HostPlan } from '../model/plan.ts';
import { programWith } from '../model/shell-program.ts';
import type { Step } from '../model/step.ts';
import { quote } from '../model/transport.ts';
import armText from './arm-guard.sh';
import { type Acting, runLocked } from './own-lock.ts';
import revertText from './revert.sh';
import { type RunContext, runFolder } from './run-context.ts';
import { swappedPaths } from './stage.ts';

/** A change of a host that could cut us off from it, and how the host undoes it by itself. */
export interface Guard {
  /** Proves over a new connection that the host still lets us in, and calls the undoing off. Throws `rolled-back`. */
  confirm(): Promise<void>;
  /** Has the change undone at once. */
  undo(): Promise<void>;
}

/** Steps of a host's part of a batch that could cut us off from it: positions of the first and the last. */
export function guardedSpan(
  { host, steps }: HostPlan,
  { desired }: RunContext,
): { readonly first: number; readonly last: number } | undefined {
  const guarded = guardedUnits(desired.hosts.get(host));
  const positions = steps.flatMap((step, index) => (actedOn(step, guarded) === undefined ? [] : [index]));
  const [first, last] = [positions[0], positions.at(-1)];
  return first === undefined || last === undefined ? undefined : { first, last };
}

/**
 * Arms the undoing on the host, once the new files are in place and before a guarded unit is acted on: files as they
 * were and units started with them. It needs nothing of us to happen.
 */
export async function armGuard(batch: number, plan: HostPlan, acting: Acting): Promise<Guard> {
  const { context } = acting;
  const guarded = guardedUnits(context.desired.hosts.get(plan.host));
  const units = [...new Set(plan.steps.flatMap((step) => actedOn(step, guarded) ?? []))];
  const armed: Guarded = { batch, plan, units, unit: `mcp-${context.run}-revert-${batch}` };
  await runHere(plan.host, armScript(armed, context), { acting, input: revertScript(armed, context) });
  return {
    confirm: () => confirm(armed, context),
    undo: () => runHere(plan.host, undoScript(armed, context), { acting }),
  };
}

interface Guarded {
  readonly batch: number;
  readonly plan: HostPlan;
  readonly units: readonly string[];
  /** Name of the transient timer and service on the host, without suffix. */
  readonly unit: string;
}

/** Seconds until a host that was not confirmed undoes the change. */
const guardSeconds = 90;

const guardedUnits = (desired: DesiredHost | undefined): ReadonlySet<string> =>
  new Set(
    (desired?.services ?? [])
      .flatMap(({ resources }) => resources)
      .flatMap((resource) => (resource.kind === 'unit' && resource.guarded === true ? [resource.name] : [])),
  );

/** The guarded unit that a step starts, restarts or reloads. */
const actedOn = (step: Step, guarded: ReadonlySet<string>): string | undefined =>
  step.kind === 'unit' && step.record !== undefined && guarded.has(step.unit) ? step.unit : undefined;

async function runHere(
  host: string,
  script: string,
  how: { readonly acting: Acting; readonly input?: string },
): Promise<void> {
  const options = { ...how, timeoutSeconds: 60, title: 'arm or fire its guard' };
  const { exitCode, stderr } = await runLocked(host, script, options);
  if (exitCode === 0) return;
  throw new McpError('command-failed', `${host}: its guard failed: ${stderr.trim()}`, { host });
}

/** The undoing reaches the host on stdin. */
const armScript = ({ batch, units, unit }: Guarded, context: RunContext): string =>
  programWith(armText, {
    values: { base: revertBase(batch, context), unit, units: units.join(' '), seconds: guardSeconds },
  });

/** The timer must not fire later, into whatever comes next. */
const undoScript = ({ batch, unit }: Guarded, context: RunContext): string =>
  `systemctl stop ${quote(`${unit}.timer`)}\nsh ${quote(`${revertBase(batch, context)}.sh`)}`;

function revertScript({ batch, plan, units }: Guarded, context: RunContext): string {
  const records = plan.steps.flatMap((step) => {
    if (step.kind === 'task') return [`task-${step.name}`];
    return step.kind === 'unit' && step.record !== undefined ? [step.unit] : [];
  });
  return programWith(revertText, {
    values: {
      folder: runFolder(context),
      base: revertBase(batch, context),
      state: context.paths.state,
      units: units.join(' '),
      records: records.join(' '),
    },
    words: swappedPaths(plan),
  });
}

/** What the files of an undoing on the host begin with. */
const revertBase = (batch: number, context: RunContext): string => `${runFolder(context)}/revert-${batch}`;

async function confirm(guarded: Guarded, context: RunContext): Promise<void> {
  const { host } = guarded.plan;
  const { clock, signals } = context;
  const giveUpAt = clock.now() + (guardSeconds + 30) * 1000;
  for (;;) {
    const answer = await callOff(guarded, context);
    if (answer === 'called-off') return;
    if (answer === 'undone' || clock.now() > giveUpAt) throw rolledBack(host, answer);
    await clock.sleep(1000, signals.hard);
  }
}

/** Over a connection of its own: one that stood before the change would prove nothing. */
async function callOff(
  { plan, batch, unit }: Guarded,
  context: RunContext,
): Promise<'called-off' | 'undone' | 'no-answer'> {
  try {
    await using connection = await context.connectAfresh(plan.host, context.signals.hard);
    const done = quote(`${revertBase(batch, context)}.done`);
    const { exitCode } = await connection.run(`systemctl stop ${quote(`${unit}.timer`)}; [ ! -e ${done} ]`, {
      timeoutSeconds: 20,
      signal: context.signals.hard,
      title: 'call its guard off',
    });
    return exitCode === 0 ? 'called-off' : 'undone';
  } catch (failure) {
    if (!(failure instanceof McpError) || failure.code === 'interrupted') throw failure;
    return 'no-answer';
  }
}

const rolledBack = (host: string, answer: 'undone' | 'no-answer'): McpError =>
  new McpError(
    'rolled-back',
    answer === 'undone'
      ? `${host} did not let us in after the change and has put its old files back by itself`
      : `${host} did not let us in after the change; it puts its old files back by itself`,
    { host, hint: 'look at what changed in the firewall, the load balancer or the network of the host' },
  );
