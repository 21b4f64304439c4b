import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync, statSync } from 'node:fs';
import { McpError } from '../model/failure.ts';

/**
 * Node can't enter a network namespace, so the program starts itself again under nsenter. Resolves with the exit code
 * of that second self, or with undefined when this process is already where it should be.
 * A SIGKILL of the first self takes the second along (pdeathsig).
 */
export async function runInNamespace(namespace: string | undefined): Promise<number | undefined> {
  if (namespace === undefined || isInside(namespace)) return undefined;
  if (process.getuid?.() !== 0) {
    throw new McpError('prerequisite-missing', `working in the network namespace ${namespace} needs root`, {
      hint: 'run the command with sudo',
    });
  }
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn(
    'nsenter',
    [`--net=/run/netns/${namespace}`, 'setpriv', '--pdeathsig', 'KILL', ...self],
    { stdio: 'inherit', env: { ...process.env, [insideVariable]: namespace } },
  );
  forwardSignals(child);
  const [code, signal] = await once(child, 'exit');
  return typeof code === 'number' ? code : signal === 'SIGINT' ? 130 : 143;
}

const insideVariable = 'MCP_INSIDE_NAMESPACE';

/** Whether the first self has started this one, and has said what is said once. */
export const isSecondSelf = (): boolean => process.env[insideVariable] !== undefined;

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
