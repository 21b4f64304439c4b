import type { DesiredHost } from '../model/desired.ts';
import { McpError } from '../model/failure.ts';
import type { HostPlan } from '../model/plan.ts';
import type { Step } from '../model/step.ts';
import { quote } from '../model/transport.ts';
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
export async function armGuard(batch: number, plan: HostPlan, context: RunContext): Promise<Guard> {
  const guarded = guardedUnits(context.desired.hosts.get(plan.host));
  const units = [...new Set(plan.steps.flatMap((step) => actedOn(step, guarded) ?? []))];
  const armed: Guarded = { batch, plan, units, unit: `mcp-${context.run}-revert-${batch}` };
  await runHere(plan.host, armScript(armed, context), context);
  return {
    confirm: () => confirm(armed, context),
    undo: () => runHere(plan.host, undoScript(armed, context), context),
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

async function runHere(host: string, script: string, { connect, signals }: RunContext): Promise<void> {
  const connection = await connect(host, signals.hard);
  const { exitCode, stderr } = await connection.run(script, { timeoutSeconds: 60 });
  if (exitCode === 0) return;
  throw new McpError('command-failed', `${host}: its guard failed: ${stderr.trim()}`, { host });
}

function armScript({ batch, plan, units, unit }: Guarded, context: RunContext): string {
  const base = `${runFolder(context)}/revert-${batch}`;
  return `
umask 077
: >${quote(`${base}.inactive`)} || exit
set -- ${units.map(quote).join(' ')}
for unit; do systemctl is-active --quiet "$unit" || printf '%s\\n' "$unit" >>${quote(`${base}.inactive`)}; done
cat >${quote(`${base}.sh`)} <<'END-OF-REVERT'
${revertScript({ batch, plan, units, unit }, context)}
END-OF-REVERT
systemd-run --quiet --collect --unit=${quote(unit)} --on-active=${guardSeconds} sh ${quote(`${base}.sh`)}`;
}

/** The timer must not fire later, into whatever comes next. */
const undoScript = ({ batch, unit }: Guarded, context: RunContext): string =>
  `systemctl stop ${quote(`${unit}.timer`)}\nsh ${quote(`${runFolder(context)}/revert-${batch}.sh`)}`;

/** Runs on the host without us. Records of what is undone go away too, so that the next plan sees it as due. */
function revertScript({ batch, plan, units }: Guarded, context: RunContext): string {
  const folder = runFolder(context);
  const base = `${folder}/revert-${batch}`;
  const { state } = context.paths;
  const records = plan.steps.flatMap((step) => {
    if (step.kind === 'task') return [`task-${step.name}`];
    return step.kind === 'unit' && step.record !== undefined ? [step.unit] : [];
  });
  return `
: >${quote(`${base}.done`)}
# Stopped by the definition that they were started with: it knows how to clean up after itself.
systemctl stop -- ${units.map(quote).join(' ')}
set -- ${swappedPaths(plan).map(quote).join(' ')}
listed=" $* "
while read -r sum path; do
  case "$listed" in *" $path "*) ;; *) printf '%s  %s\\n' "$sum" "$path" ;; esac
done <${quote(`${state}/files`)} >${quote(`${state}/files.new`)} && mv -f ${quote(`${state}/files.new`)} ${quote(`${state}/files`)}
rm -f -- ${records.map((name) => quote(`${state}/units/${name}`)).join(' ')}
for path; do
  before=${quote(`${folder}/before`)}"$path"
  # What the swap found nothing of was not there.
  if [ -e "$before" ]; then cp -a -- "$before" "$path.mcp-new" && mv -fT -- "$path.mcp-new" "$path"
  else rm -f -- "$path"; fi
done
systemctl daemon-reload
set -- ${units.map(quote).join(' ')}
for unit; do
  systemctl reset-failed "$unit"
  grep -qxF -- "$unit" ${quote(`${base}.inactive`)} || systemctl start "$unit"
done
exit 0`;
}

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
    const done = quote(`${runFolder(context)}/revert-${batch}.done`);
    const { exitCode } = await connection.run(`systemctl stop ${quote(`${unit}.timer`)}; [ ! -e ${done} ]`, {
      timeoutSeconds: 20,
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
