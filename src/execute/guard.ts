import type { DesiredHost } from '../model/desired.ts';
import { McpError } from '../model/failure.ts';
import type { HostPlan } from '../model/plan.ts';
import { quote } from '../model/transport.ts';
import { type RunContext, runFolder } from './run-context.ts';

/** A change of a host that could cut us off from it, and how the host undoes it by itself. */
export interface Guard {
  /** Proves over a new connection that the host still lets us in, and calls the undoing off. Throws `rolled-back`. */
  confirm(): Promise<void>;
  /** Has the change undone at once. */
  undo(): Promise<void>;
}

/**
 * Arms the undoing of a guarded change on its host before the change: files as they were and units started with them.
 * It needs nothing of us to happen. Undefined where nothing that is changed is guarded.
 */
export async function armGuard(
  batch: number,
  plan: HostPlan,
  context: RunContext,
): Promise<Guard | undefined> {
  const units = guardedUnits(plan, context.desired.hosts.get(plan.host));
  if (units.length === 0) return undefined;
  const guarded: Guarded = { batch, plan, units, unit: `mcp-${context.run}-revert-${batch}` };
  await runHere(plan.host, armScript(guarded, context), context);
  return {
    confirm: () => confirm(guarded, context),
    undo: () => runHere(plan.host, `systemctl start ${quote(`${guarded.unit}.service`)}`, context),
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

function guardedUnits({ steps }: HostPlan, desired: DesiredHost | undefined): readonly string[] {
  const guarded = new Set(
    (desired?.services ?? [])
      .flatMap(({ resources }) => resources)
      .flatMap((resource) => (resource.kind === 'unit' && resource.guarded === true ? [resource.name] : [])),
  );
  const acted = steps.flatMap((step) =>
    step.kind === 'unit' && step.record !== undefined ? [step.unit] : [],
  );
  return acted.filter((unit) => guarded.has(unit));
}

async function runHere(host: string, script: string, { connect, signals }: RunContext): Promise<void> {
  const connection = await connect(host, signals.hard);
  const { exitCode, stderr } = await connection.run(script, { timeoutSeconds: 60 });
  if (exitCode === 0) return;
  throw new McpError('command-failed', `${host}: its guard failed: ${stderr.trim()}`, { host });
}

function armScript({ batch, plan, units, unit }: Guarded, context: RunContext): string {
  const folder = runFolder(context);
  const base = `${folder}/revert-${batch}`;
  const paths = pathsOf(plan).map(quote);
  return `
umask 077
cd /
mkdir -p -- ${quote(`${folder}/before`)} || exit
: >${quote(`${base}.absent`)} && : >${quote(`${base}.inactive`)} || exit
set -- ${paths.join(' ')}
for path; do
  if [ -e "$path" ]; then cp -an --parents -- "$path" ${quote(`${folder}/before`)} || exit
  else printf '%s\\n' "$path" >>${quote(`${base}.absent`)}; fi
done
set -- ${units.map(quote).join(' ')}
for unit; do systemctl is-active --quiet "$unit" || printf '%s\\n' "$unit" >>${quote(`${base}.inactive`)}; done
cat >${quote(`${base}.sh`)} <<'END-OF-REVERT'
${revertScript({ batch, plan, units, unit }, context)}
END-OF-REVERT
systemd-run --quiet --collect --unit=${quote(unit)} --on-active=${guardSeconds} sh ${quote(`${base}.sh`)}`;
}

/** Runs on the host without us. Records of what is undone go away too, so that the next plan sees it as due. */
function revertScript({ batch, plan, units }: Guarded, context: RunContext): string {
  const folder = runFolder(context);
  const base = `${folder}/revert-${batch}`;
  const { state } = context.paths;
  const records = plan.steps.flatMap((step) =>
    (step.kind === 'unit' || step.kind === 'bootstrap') && step.record !== undefined ? [step.unit] : [],
  );
  return `
: >${quote(`${base}.done`)}
# Stopped by the definition that they were started with: it knows how to clean up after itself.
systemctl stop -- ${units.map(quote).join(' ')}
set -- ${pathsOf(plan).map(quote).join(' ')}
listed=" $* "
while read -r sum path; do
  case "$listed" in *" $path "*) ;; *) printf '%s  %s\\n' "$sum" "$path" ;; esac
done <${quote(`${state}/files`)} >${quote(`${state}/files.new`)} && mv -f ${quote(`${state}/files.new`)} ${quote(`${state}/files`)}
rm -f -- ${records.map((name) => quote(`${state}/units/${name}`)).join(' ')}
for path; do
  if grep -qxF -- "$path" ${quote(`${base}.absent`)}; then rm -f -- "$path"
  else cp -a -- ${quote(`${folder}/before`)}"$path" "$path.mcp-new" && mv -fT -- "$path.mcp-new" "$path"; fi
done
systemctl daemon-reload
set -- ${units.map(quote).join(' ')}
for unit; do
  systemctl reset-failed "$unit"
  grep -qxF -- "$unit" ${quote(`${base}.inactive`)} || systemctl start "$unit"
done`;
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

const pathsOf = ({ steps }: HostPlan): readonly string[] =>
  steps.flatMap((step) => (step.kind === 'swap-files' ? step.paths : []));
