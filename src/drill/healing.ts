import { McpError } from '../model/failure.ts';
import type { Fault } from '../model/fault.ts';
import type { Connection } from '../model/transport.ts';
import type { DrillContext } from './context.ts';

/** What undoes a fault even if this program is gone: a timer on the host, or a process that holds its plug. */
export interface Healing {
  /** Undoes it now and takes the timer away. Safe to repeat, and when it was undone already. */
  heal(signal?: AbortSignal): Promise<void>;
}

/** All transient units of a drill begin with this. */
export const unitPrefix = 'mcp-drill';
const healUnit = `${unitPrefix}-heal`;
/** Gone with a power cut, like the timer. */
const healDirectory = `/run/${unitPrefix}`;

/** Arms what undoes `fault` on `host` and makes sure that it is armed, before anything is broken. */
export async function armHealing(fault: Fault, host: string, context: DrillContext): Promise<Healing> {
  return fault.act.kind === 'power-cut'
    ? armPower(fault, host, context)
    : armScript(fault.act.heal, { host, seconds: fault.lastsSeconds, context });
}

async function armPower(fault: Fault, host: string, { power }: DrillContext): Promise<Healing> {
  if (!power) throw powerOutOfReach(fault);
  const armed = await power.armOn(host, fault.lastsSeconds);
  if (!(await armed.isArmed())) throw notArmed(host);
  return {
    async heal() {
      await armed.disarm();
      await power.on(host);
    },
  };
}

export const powerOutOfReach = (fault: Fault): McpError =>
  new McpError(
    'drill-failed',
    `${fault.name} cuts the power of a host, and only a lab's hosts have a plug within reach`,
    {
      hint: 'leave this fault out, or drill a lab of the same shape',
    },
  );

interface ScriptToArm {
  readonly host: string;
  readonly seconds: number;
  readonly context: DrillContext;
}

async function armScript(script: string, { host, seconds, context }: ScriptToArm): Promise<Healing> {
  const connection = await context.connect(host, context.signal);
  const armed = await connection.run(armingScript(seconds), { input: script, timeoutSeconds: 10 });
  if (armed.exitCode !== 0 || armed.stdout.trim() !== 'armed') throw notArmed(host, armed.stderr);
  return {
    heal: async (signal) => healOn(await context.connect(host, signal), script, signal),
  };
}

/**
 * The script goes through a file, since systemd expands what looks like a variable in an argument; a timer's accuracy
 * is a minute unless told otherwise.
 */
const armingScript = (seconds: number): string => `set -eu
umask 077
systemctl stop ${healUnit}.timer 2>/dev/null || true
systemctl reset-failed ${healUnit}.service 2>/dev/null || true
mkdir -p ${healDirectory}
cat >${healDirectory}/heal
systemd-run --quiet --collect --unit=${healUnit} --on-active=${seconds}s --timer-property=AccuracySec=50ms \
  /bin/sh -c 'sh ${healDirectory}/heal; rm -rf ${healDirectory}' >&2
[ "$(systemctl show --property=ActiveState --value ${healUnit}.timer)" = active ]
echo armed
`;

async function healOn(connection: Connection, script: string, signal?: AbortSignal): Promise<void> {
  const healed = await connection.run(
    `systemctl stop ${healUnit}.timer 2>/dev/null || true\n(\n${script}\n)\nhealed=$?\nrm -rf ${healDirectory}\nexit $healed\n`,
    { timeoutSeconds: 120, ...(signal ? { signal } : {}) },
  );
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
