import { McpError } from '../model/failure.ts';
import { type HostLock, type LockHolder, silentSeconds } from '../model/lock.ts';
import { programWith } from '../model/shell-program.ts';
import type { Connect } from '../model/transport.ts';
import breakLockText from './break-lock.sh';
import { type HostPaths, hostPaths } from './host-paths.ts';
import { holderFrom } from './lock-record.ts';
import lookAtLockText from './look-at-lock.sh';

/** How hosts are reached, and for how long. */
export interface Reaching {
  readonly connect: Connect;
  readonly signal?: AbortSignal;
  readonly paths?: HostPaths;
}

/** How the lock of a host is. Throws McpError where that can't be told. */
export async function lookAtLock(host: string, reaching: Reaching): Promise<HostLock> {
  const { paths = hostPaths } = reaching;
  const values = { lock: paths.lock, former: paths.formerLock };
  const { exitCode, stdout, stderr } = await ask(host, programWith(lookAtLockText, { values }), reaching);
  if (exitCode === 0) return lockIn(host, stdout);
  throw new McpError('command-failed', `${host}: how its lock is can't be told: ${stderr.trim()}`, { host });
}

/**
 * Takes the lock of a host from a run that is gone, in the name of `breaker`: should that run wake up, it finds that
 * somebody was there. Throws McpError `locked` where something of it lives.
 */
export async function breakLock(
  host: string,
  { run, breaker }: { readonly run: string; readonly breaker: LockHolder },
  reaching: Reaching,
): Promise<void> {
  const { paths = hostPaths } = reaching;
  const values = {
    lock: paths.lock,
    run,
    silent_seconds: silentSeconds,
    breaker: breaker.run,
    holder: JSON.stringify(breaker),
    alive_code: aliveCode,
  };
  const { exitCode, stderr } = await ask(host, programWith(breakLockText, { values }), reaching);
  if (exitCode === 0) return;
  const isAlive = exitCode === aliveCode;
  throw new McpError(
    isAlive ? 'locked' : 'command-failed',
    `${host}: the lock of run ${run} can't be broken: ${stderr.trim()}`,
    { host, ...(isAlive ? { hint: 'wait until that run has ended; its lock goes with it' } : {}) },
  );
}

const aliveCode = 80;

async function ask(host: string, program: string, { connect, signal }: Reaching) {
  const connection = await connect(host, signal);
  return connection.run(program, {
    ...(signal === undefined ? {} : { signal }),
    timeoutSeconds: 30,
    title: 'tell of its lock',
  });
}

function lockIn(host: string, reply: string): HostLock {
  const [first = '', ...more] = reply.split('\n');
  const [state, words] = split(first);
  const known = states.find((each) => each === state);
  if (known === undefined) {
    throw new McpError('reply-truncated', `${host}: its answer about the lock is not understood`, { host });
  }
  const told = (word: string): readonly string[] =>
    more.map(split).flatMap(([key, value]) => (key === word ? [value] : []));
  return {
    host,
    state: known,
    words,
    holder: holderFrom(told('holder')[0] ?? ''),
    silentSeconds: Number(told('silent')[0] ?? 0),
    units: told('unit'),
  };
}

const states = ['free', 'held', 'earlier-version', 'stranger'] as const;

function split(line: string): readonly [string, string] {
  const at = line.indexOf(' ');
  return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}
