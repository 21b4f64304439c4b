import { guardedUnitOf, guardedUnits } from '../model/desired.ts';
import { McpError } from '../model/failure.ts';
import type { HostPlan } from '../model/plan.ts';
import { programWith } from '../model/shell-program.ts';
import { quote } from '../model/transport.ts';
import armText from './arm-guard.sh';
import callOffText from './call-off-guard.sh';
import { type Acting, runLocked } from './own-lock.ts';
import proveText from './prove-guard.sh';
import putBackText from './put-back.sh';
import revertText from './revert.sh';
import { type RunContext, runFolder } from './run-context.ts';
import { removedPaths, swappedPaths } from './stage.ts';
import whileArmedText from './while-armed.sh';

/** A change of a host that could cut it off, from us or from others, and how the host undoes it by itself. */
export interface Guard {
  readonly host: string;
  /**
   * Proves over a new connection that the host still lets us in; its undoing waits for the gate from then on. Throws
   * `rolled-back`.
   */
  prove(): Promise<void>;
  /** The cloud is well with the change: calls the undoing off, over a new connection. Throws `rolled-back`. */
  callOff(): Promise<void>;
  /** Has the change undone at once. */
  undo(): Promise<void>;
  /** The script of a step, which does nothing once the change was undone. */
  whileArmed(script: string): string;
}

/**
 * Steps of a host's part of a batch that are done under a guard: positions of the first and the last. From the moment its
 * files are in place, since a reboot would put them in force.
 */
export function guardedSpan(
  { host, steps }: HostPlan,
  { desired }: RunContext,
): { readonly first: number; readonly last: number } | undefined {
  const guarded = guardedUnits(desired.hosts.get(host));
  const positions = steps.flatMap((step, index) =>
    guardedUnitOf(step, guarded) === undefined ? [] : [index],
  );
  const [first, last] = [positions[0], positions.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const swap = steps.findIndex(({ kind }) => kind === 'swap-files' || kind === 'remove-files');
  return { first: swap >= 0 ? Math.min(swap, first) : first, last };
}

/**
 * Arms the undoing on the host, before the new files are put in place: files as they were and units started with them. It needs nothing of us to happen, and happens after a reboot, too. `gateSeconds`: how
 * long the gate after the batch may take.
 */
export async function armGuard(
  { id: batch, gateSeconds }: { readonly id: number; readonly gateSeconds: number },
  plan: HostPlan,
  acting: Acting,
): Promise<Guard> {
  const { context } = acting;
  const guarded = guardedUnits(context.desired.hosts.get(plan.host));
  const units = [...new Set(plan.steps.flatMap((step) => guardedUnitOf(step, guarded) ?? []))];
  const armed: Guarded = { batch, plan, units, unit: `mcp-${context.run}-revert-${batch}` };
  await runHere(plan.host, armScript(armed, context), { acting, input: revertScript(armed, context) });
  return {
    host: plan.host,
    prove: () =>
      untilAnswered(
        plan.host,
        { title: 'let us in', script: proveScript(armed, gateSeconds + afterProofSeconds, context) },
        context,
      ),
    callOff: () =>
      untilAnswered(
        plan.host,
        { title: 'call its guard off', script: callOffScript(armed, context) },
        context,
      ),
    undo: () => runHere(plan.host, undoScript(armed, context), { acting }),
    whileArmed: (script) =>
      `${programWith(whileArmedText, { values: { base: revertBase(batch, context) } })}\n${script}`,
  };
}

interface Guarded {
  readonly batch: number;
  readonly plan: HostPlan;
  readonly units: readonly string[];
  /** Name of the transient timers and services on the host, without suffix. */
  readonly unit: string;
}

/** What a host answers that has undone the change. */
const undoneCode = 79;
/** Seconds until a host that does not let us in undoes the change. */
const guardSeconds = 90;
/**
 * What may come between that proof and the gate: the rest of the batch, on this host and on others. Not more: where we are
 * killed meanwhile, the next run has to wait for the undoing.
 */
const afterProofSeconds = 90;

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
const armScript = (guarded: Guarded, context: RunContext): string =>
  programWith(armText, {
    values: {
      ...placesOf(guarded, context),
      unit: guarded.unit,
      state: context.paths.state,
      units: guarded.units.join(' '),
      records: recordsOf(guarded.plan).join(' '),
      seconds: guardSeconds,
    },
  });

const proveScript = ({ batch, unit }: Guarded, seconds: number, context: RunContext): string =>
  programWith(proveText, {
    values: { base: revertBase(batch, context), unit, seconds, undone_code: undoneCode },
  });

const callOffScript = (guarded: Guarded, context: RunContext): string =>
  programWith(callOffText, {
    values: { ...placesOf(guarded, context), unit: guarded.unit, undone_code: undoneCode },
  });

/** The timers must not fire later, into whatever comes next. */
const undoScript = ({ batch, unit }: Guarded, context: RunContext): string =>
  `systemctl stop ${quote(`${unit}-gate.timer`)}
systemctl stop ${quote(`${unit}.timer`)}
sh ${quote(`${revertBase(batch, context)}.sh`)}`;

const placesOf = ({ batch, unit }: Guarded, context: RunContext) => ({
  base: revertBase(batch, context),
  boot_unit: `${unit}-at-boot`,
  unit_files: context.paths.units,
});

function revertScript(guarded: Guarded, context: RunContext): string {
  const { plan, units } = guarded;
  return programWith(putBackText + revertText, {
    values: {
      ...placesOf(guarded, context),
      folder: runFolder(context),
      state: context.paths.state,
      units: units.join(' '),
      records: recordsOf(plan).join(' '),
      forgotten: forgottenRecords(plan).join(' '),
      removed: removedPaths(plan).join(' '),
    },
    words: [...swappedPaths(plan), ...removedPaths(plan)],
  });
}

/** What the steps of a host put on record. */
const recordsOf = ({ steps }: HostPlan): readonly string[] =>
  steps.flatMap((step) => {
    if (step.kind === 'task') return [`task-${step.name}`];
    return step.kind === 'unit' && step.record !== undefined ? [step.unit] : [];
  });

/** Records that were not true any more. */
const forgottenRecords = ({ steps }: HostPlan): readonly string[] =>
  steps.flatMap((step) => (step.kind === 'swap-files' ? (step.forgets ?? []) : []));

/** What the files of an undoing on the host begin with. */
const revertBase = (batch: number, context: RunContext): string => `${runFolder(context)}/revert-${batch}`;

interface Question {
  /** In the words of who complains that it was not answered. */
  readonly title: string;
  readonly script: string;
}

/** Asks the host until it answers, or has undone the change by itself. */
async function untilAnswered(host: string, question: Question, context: RunContext): Promise<void> {
  const { clock, signals } = context;
  const giveUpAt = clock.now() + (guardSeconds + 30) * 1000;
  for (;;) {
    const answer = await askAfresh(host, question, context);
    if (answer === 'done') return;
    if (answer === 'undone' || clock.now() > giveUpAt) throw rolledBack(host, answer);
    await clock.sleep(1000, signals.hard);
  }
}

/** Over a connection of its own: one that stood before the change would prove nothing. */
async function askAfresh(
  host: string,
  { title, script }: Question,
  context: RunContext,
): Promise<'done' | 'undone' | 'no-answer'> {
  try {
    await using connection = await context.connectAfresh(host, context.signals.hard);
    const { exitCode } = await connection.run(script, {
      timeoutSeconds: 20,
      signal: context.signals.hard,
      title,
    });
    if (exitCode === 0) return 'done';
    return exitCode === undoneCode ? 'undone' : 'no-answer';
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
