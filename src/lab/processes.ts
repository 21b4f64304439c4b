import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** A process that is the same one for as long as both numbers are: ids are used again, start times are not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since this machine booted, with the machine's boot id: unique across reboots too. */
  readonly started: string;
}

/** Who has a process id right now; undefined when nobody has, or only a process that has ended and waits for its parent. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name and may hold anything, blanks and brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTicks = fields[19];
  if (startTicks === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid, started: `${await bootId()}/${startTicks}` };
}

/** Ends one process, and only if it is still the one that was meant. */
export async function endProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
  if (await isAlive(identity)) kill(identity.pid, signal);
}

export async function isAlive({ pid, started }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid))?.started === started;
}

/** Sends a signal; a process that has just ended by itself needs none. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (failure) {
    if (!(failure instanceof Error && 'code' in failure && failure.code === 'ESRCH')) throw failure;
  }
}

/** The process that a host sees as its PID 1, among processes of that host; its children may have namespaces of their own. */
export async function firstProcess(pids: readonly number[]): Promise<number | undefined> {
  const depth = namespaceIds(await statusOf(process.pid)).length;
  for (const pid of pids) {
    const ids = namespaceIds(await statusOf(pid));
    if (ids.length === depth + 1 && ids.at(-1) === '1') return pid;
  }
  return undefined;
}

/** Waits until something is so, looking every 20 ms. False when it is still not after that many seconds. */
export async function eventually(isSo: () => Promise<boolean>, withinSeconds: number): Promise<boolean> {
  const deadline = performance.now() + withinSeconds * 1000;
  while (!(await isSo())) {
    if (performance.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

const statusOf = (pid: number): Promise<string> => readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');

const namespaceIds = (status: string): readonly string[] =>
  /^NSpid:\s*(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];

const bootId = async (): Promise<string> =>
  (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
