import { hostname, userInfo } from 'node:os';
import { McpError } from '../model/failure.ts';
import { programWith } from '../model/shell-program.ts';
import type { Held } from '../model/transport.ts';
import lockText from './lock.sh';
import type { RunContext } from './run-context.ts';

/** The locks of a run, one a host. Disposing of them releases all. */
export interface Locks extends AsyncDisposable {
  /** Takes again what was lost with its connection, on one host or on all. Throws `locked` when somebody was quicker. */
  renew(host?: string): Promise<void>;
}

type Context = Pick<RunContext, 'run' | 'connect' | 'paths' | 'signals' | 'clock'>;

/**
 * Locks every host, in the order of their names, so that two runs can't each hold half of them: all or nothing. A lock
 * lives as long as the connection that holds it, and no longer.
 */
export async function lockHosts(hosts: readonly string[], context: Context): Promise<Locks> {
  const held = new Map<string, Held>();
  const release = async () => {
    await Promise.allSettled([...held.values()].map((lock) => lock[Symbol.asyncDispose]()));
    held.clear();
  };
  const take = async (host: string) => {
    held.set(host, await lockHost(host, context));
  };
  try {
    for (const host of [...hosts].sort()) await take(host);
  } catch (failure) {
    await release();
    throw failure;
  }
  return {
    async renew(host) {
      for (const each of host === undefined ? [...held.keys()] : [host]) {
        if (held.get(each)?.lost.aborted !== false) await take(each);
      }
    },
    [Symbol.asyncDispose]: release,
  };
}

async function lockHost(host: string, context: Context): Promise<Held> {
  const connection = await context.connect(host, context.signals.hard);
  const held = await connection.hold(lockScript(context));
  if (held.kind === 'held') return held;
  const { exitCode, stderr } = held.result;
  if (exitCode === busyCode || exitCode === stepAliveCode) {
    throw new McpError('locked', `${host} is ${stderr.trim()}`, {
      host,
      hint:
        exitCode === busyCode
          ? 'wait until that run has ended; its lock goes with it'
          : 'wait until that step has ended, then run the command again: it takes up what is left',
    });
  }
  throw new McpError('command-failed', `${host}: its lock can't be taken: ${stderr.trim()}`, { host });
}

const busyCode = 75;
const stepAliveCode = 76;

const lockScript = ({ run, paths, clock }: Context): string =>
  programWith(lockText, {
    values: {
      lock: paths.lock,
      run,
      holder: `run ${run} by ${userInfo().username}@${hostname()} since ${new Date(clock.wallClock()).toISOString()}`,
      busy_code: busyCode,
      step_alive_code: stepAliveCode,
    },
  });
