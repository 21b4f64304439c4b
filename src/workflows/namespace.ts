import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync, statSync } from 'node:fs';
import { McpError } from '../model/failure.ts';

/**
 * `leisurely`: hosts in a namespace share this machine's processors, and a deployer has a machine of its own. What it
 * computes must not make their clients wait. Not for what measures how long something takes.
 */
type Pace = 'usual' | 'leisurely';

/**
 * Node can't enter a network namespace, so the program starts itself again under nsenter. Resolves with the exit code
 * of that second self, or with undefined when this process is already where it should be.
 * A SIGKILL of the first self takes the second along (pdeathsig).
 */
export async function runInNamespace(
  namespace: string | undefined,
  pace: Pace = 'usual',
): Promise<number | undefined> {
  if (namespace === undefined || isInside(namespace)) return undefined;
  if (process.getuid?.() !== 0) {
    throw new McpError('prerequisite-missing', `working in the network namespace ${namespace} needs root`, {
      hint: 'run the command with sudo',
    });
  }
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn(
    'nsenter',
    [`--net=/run/netns/${namespace}`, ...wordsOf[pace], 'setpriv', '--pdeathsig', 'KILL', ...self],
    { stdio: 'inherit' },
  );
  forwardSignals(child);
  const [code, signal] = await once(child, 'exit');
  return typeof code === 'number' ? code : signal === 'SIGINT' ? 130 : 143;
}

/** A tenth of the usual weight where others want the processor too, all of it where nobody does. */
const wordsOf: Readonly<Record<Pace, readonly string[]>> = { usual: [], leisurely: ['nice', '-n', '10'] };

function isInside(namespace: string): boolean {
  try {
    const wanted = statSync(`/run/netns/${namespace}`).ino;
    return readlinkSync('/proc/self/ns/net') === `net:[${wanted}]`;
  } catch (cause) {
    throw new McpError('unreachable', `there is no network namespace ${namespace}`, {
      hint: 'bring the lab up with `mcp lab up`, or correct ssh.namespace in the inventory',
      cause,
    });
  }
}

/** A terminal's Ctrl-C reaches both selves; the first one only waits for the second, which decides. */
function forwardSignals(child: ChildProcess): void {
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
}
