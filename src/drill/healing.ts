import { McpError } from '../model/failure.ts';
import { type Act, type Blow, type Fault, hostsOf, type Strike } from '../model/fault.ts';
import { programWith } from '../model/shell-program.ts';
import type { Connection } from '../model/transport.ts';
import armHealingText from './arm-healing.sh';
import type { DrillContext, Power } from './context.ts';
import forgetHealingText from './forget-healing.sh';

/** What undoes a fault even if this program is gone: timers on the hosts, or a process that holds their plugs. */
export interface Healing {
  /** Undoes it now and takes the timers away. Safe to repeat, and when it was undone already. */
  heal(signal?: AbortSignal): Promise<void>;
}

/** All transient units of a drill begin with this. */
export const unitPrefix = 'mcp-drill';
const healUnit = `${unitPrefix}-heal`;
const armed = {
  /** Gone with a power cut, like the timer. */
  directory: `/run/${unitPrefix}`,
  /** For what a host must do when it has been shut down and comes back. */
  boot_unit: `${unitPrefix}-heal-at-boot.service`,
  boot_directory: `/var/lib/${unitPrefix}`,
};

/**
 * Arms what undoes `fault` on every host that it hits, all of them at the same time, and makes sure that it is armed,
 * before the first blow. Where one can't be, those that were are disarmed.
 */
export async function armHealing(fault: Fault, strike: Strike, context: DrillContext): Promise<Healing> {
  const arming = await Promise.allSettled([
    ...strike.blows.flatMap((blow) => armScriptOf(blow, fault, context)),
    ...(fault.kind === 'script' ? [] : [armPlugs(fault, strike, context)]),
  ]);
  const healings = arming.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const healAll = (signal?: AbortSignal) => allOf(healings.map(({ heal }) => heal(signal)));
  const refused = arming.find(({ status }) => status === 'rejected');
  if (refused?.status === 'rejected') {
    await healAll();
    throw refused.reason;
  }
  return { heal: healAll };
}

/** Waits for all, also when one fails: nothing goes on behind our back. */
export async function allOf(doing: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(doing);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function armPlugs(fault: Fault, strike: Strike, context: DrillContext): Promise<Healing> {
  const power = plugsFor(fault, context);
  const hosts = hostsOf(strike);
  const after = fault.kind === 'shutdown' ? 'shutdown' : 'cut';
  const plugs = await power.armOn(hosts, { seconds: fault.lastsSeconds, after });
  if (!(await plugs.isArmed())) throw notArmed(hosts.join(', '));
  return {
    async heal() {
      // One that is about to go down would stay down.
      if (after === 'shutdown') await allOf(hosts.map((host) => settleDown(host, power, context)));
      await plugs.disarm();
      await power.on(hosts);
    },
  };
}

/** The plugs within reach. Throws McpError where there are none. */
export function plugsFor(fault: Fault, { power }: Pick<DrillContext, 'power'>): Power {
  if (power) return power;
  throw new McpError(
    'drill-failed',
    `${fault.name} takes the power of hosts, and only a lab's have a plug within reach`,
    { hint: 'leave this fault out, or drill a lab of the same shape' },
  );
}

/** Waits until a host is off, or says that it is not about to be. */
async function settleDown(host: string, power: Power, { clock, connect }: DrillContext): Promise<void> {
  const until = clock.now() + goingDownSeconds * 1000;
  while (clock.now() < until && !(await power.isOff(host))) {
    const state = await systemState(host, connect);
    if (state !== undefined && state !== 'stopping') return;
    await clock.sleep(1000);
  }
}

/** systemd gives a unit 90 s to stop, unless the unit says more. */
const goingDownSeconds = 120;

/** `running`, `degraded`, `stopping`, …; undefined where it does not answer. */
async function systemState(host: string, connect: DrillContext['connect']): Promise<string | undefined> {
  try {
    const connection = await connect(host);
    const { stdout } = await connection.run('systemctl is-system-running\n', { timeoutSeconds: 10 });
    return stdout.trim();
  } catch (error) {
    if (error instanceof McpError) return undefined;
    throw error;
  }
}

function armScriptOf({ host, act }: Blow, fault: Fault, context: DrillContext): readonly Promise<Healing>[] {
  switch (act.kind) {
    case 'power-cut':
      return [];
    case 'script':
    case 'shutdown':
      return [armScript(act, { host, seconds: fault.lastsSeconds, context })];
  }
}

interface ScriptToArm {
  readonly host: string;
  readonly seconds: number;
  readonly context: DrillContext;
}

async function armScript(
  act: Extract<Act, { readonly heal: string }>,
  { host, seconds, context }: ScriptToArm,
): Promise<Healing> {
  const undoing = undoingOnce(act.heal);
  const outlives = act.kind === 'shutdown' ? armed : { ...armed, boot_unit: '', boot_directory: '' };
  const arming = programWith(armHealingText, { values: { unit: healUnit, seconds, ...outlives } });
  const connection = await context.connect(host, context.signal);
  const reply = await connection.run(arming, { input: undoing, timeoutSeconds: 20 });
  if (reply.exitCode !== 0 || reply.stdout.trim() !== 'armed') throw notArmed(host, reply.stderr);
  return {
    heal: async (signal) => {
      const healing = async () => healOn(await context.connect(host, signal), undoing, signal);
      // One that is off has it before it, when it boots.
      await (act.kind === 'shutdown' ? ifItAnswers(healing) : healing());
    },
  };
}

/** What is armed goes when it has run, whatever came of it. */
const undoingOnce = (script: string): string =>
  ['(', script, ')', 'healed=$?', programWith(forgetHealingText, { values: armed }), 'exit $healed', ''].join(
    '\n',
  );

async function ifItAnswers(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const isAway = error instanceof McpError && ['unreachable', 'connection-lost'].includes(error.code);
    if (!isAway) throw error;
  }
}

async function healOn(connection: Connection, undoing: string, signal?: AbortSignal): Promise<void> {
  const healed = await connection.run(`systemctl stop ${healUnit}.timer 2>/dev/null || true\n${undoing}`, {
    timeoutSeconds: 180,
    ...(signal ? { signal } : {}),
  });
  if (healed.exitCode === 0) return;
  throw new McpError('drill-failed', `${connection.host} could not be healed: ${healed.stderr.trim()}`, {
    host: connection.host,
    hint: `log in to ${connection.host} and look at what the fault broke`,
  });
}

const notArmed = (host: string, words = ''): McpError =>
  new McpError(
    'drill-failed',
    `the healing could not be armed on ${host}, so nothing was broken ${words}`.trim(),
    {
      host,
      hint: 'look at the transient units mcp-drill-* on that host',
    },
  );
