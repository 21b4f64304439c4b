import { McpError } from '../model/failure.ts';
import { programWith } from '../model/shell-program.ts';
import type { RunOptions, RunResult } from '../model/transport.ts';
import { type Locks, lockedBy } from './lock.ts';
import ownLockText from './own-lock.sh';
import type { RunContext } from './run-context.ts';

/** What acting on hosts needs beside the run itself. */
export interface Acting {
  readonly context: RunContext;
  readonly locks: Locks;
}

/**
 * Runs a script that acts on a host, and only while the lock there is this run's. One that has lapsed, and that nobody
 * else has had, is taken again first, with all others that were lost. Throws McpError `locked` where another run has it.
 */
export async function runLocked(
  host: string,
  script: string,
  { acting: { context, locks }, ...options }: RunOptions & { readonly acting: Acting },
): Promise<RunResult> {
  const program = `${ownLock(context)}\n${script}`;
  for (let tries = 1; ; tries += 1) {
    const connection = await context.connect(host, context.signals.hard);
    const result = await connection.run(program, { signal: context.signals.hard, ...options });
    if (result.exitCode === takenCode) throw lockedBy(host, result.stderr);
    if (result.exitCode !== lapsedCode) return result;
    if (tries === 3) throw doesNotLast(host);
    await locks.retake(host);
    await locks.renew();
  }
}

const doesNotLast = (host: string): McpError =>
  new McpError('command-failed', `${host}: its lock was taken twice and lost again at once`, {
    host,
    hint: "look at what ends root's shells there, then run the command again: it takes up what is left",
  });

const ownLock = ({ run, paths }: RunContext): string =>
  programWith(ownLockText, {
    values: { lock: paths.lock, run, lapsed_code: lapsedCode, taken_code: takenCode },
  });

/** No program of a service ends with these. */
const lapsedCode = 249;
const takenCode = 250;
