import pLimit from 'p-limit';
import { McpError } from '../model/failure.ts';
import { holderInWords, type LockHolder } from '../model/lock.ts';
import { type ObservedState, stepsStillRunning } from '../model/observed.ts';
import { programWith } from '../model/shell-program.ts';
import type { Held, RunResult } from '../model/transport.ts';
import lockText from './lock.sh';
import { holderFrom } from './lock-record.ts';
import type { RunContext } from './run-context.ts';

/** The locks of a run, one a host. Disposing of them releases all. */
export interface Locks extends AsyncDisposable {
  /** Takes again what was lost with its connection. Throws `locked` when somebody else has been there since. */
  renew(): Promise<void>;
  /** Takes a host's again, whatever is known of it: where this run's own shell still holds it, in its place. */
  retake(host: string): Promise<void>;
}

type Context = Pick<RunContext, 'run' | 'asked' | 'connect' | 'paths' | 'signals' | 'clock'>;

/**
 * Locks every host, in the order of their names, so that two runs can't each hold half of them: all or nothing. A lock
 * lives as long as the connection that holds it, and no longer.
 */
export async function lockHosts(hosts: readonly string[], context: Context): Promise<Locks> {
  const held = new Map<string, Held>();
  // Steps of several hosts may miss their lock at the same time, and two takers of one run would oust each other.
  const oneByOne = pLimit(1);
  const release = async () => {
    await Promise.allSettled([...held.values()].map((lock) => lock[Symbol.asyncDispose]()));
    held.clear();
  };
  const take = async (host: string, taking: Taking) => {
    held.set(host, await lockHost(host, taking, context));
  };
  try {
    for (const host of [...hosts].sort()) await take(host, 'first');
  } catch (failure) {
    await release();
    throw failure;
  }
  return {
    renew: () =>
      oneByOne(async () => {
        for (const [host, { lost }] of [...held]) if (lost.aborted) await take(host, 'again');
      }),
    // A host that had not answered when the others were locked was never this run's.
    retake: (host) => oneByOne(() => take(host, held.has(host) ? 'again' : 'first')),
    [Symbol.asyncDispose]: release,
  };
}

type Taking = 'first' | 'again';

async function lockHost(host: string, taking: Taking, context: Context): Promise<Held> {
  const { signals } = context;
  const connection = await context.connect(host, signals.hard);
  const held = await connection.hold(lockScript(taking, context), {
    signal: signals.hard,
    timeoutSeconds: 60,
    title: 'take the lock',
  });
  if (held.kind === 'ended') throw refused(host, held.result);
  if (held.firstLine === 'locked') return held;
  await held[Symbol.asyncDispose]();
  throw notTaken(host, `it said ${JSON.stringify(held.firstLine.slice(0, 200))}`);
}

function refused(host: string, { exitCode, stderr }: RunResult): McpError {
  switch (exitCode) {
    case busyCode:
      return lockedBy(host, stderr);
    case passedOnCode:
      return passedOn(host, stderr);
    case stepAliveCode:
      return stillBusy(host, stderr.trim());
    default:
      return notTaken(host, stderr.trim());
  }
}

const notTaken = (host: string, words: string): McpError =>
  new McpError('command-failed', `${host}: its lock can't be taken: ${words}`, {
    host,
    hint: 'see that /run of the host can be written, and that flock of util-linux is there',
  });

/**
 * Throws McpError `locked` where something of an earlier run lives, a step or a guard that nobody has called off: it may
 * change what was seen, and undo what that run did. Whoever waits for it looks anew.
 */
export function refuseWhileBusy(observed: ObservedState): void {
  const [step] = stepsStillRunning(observed);
  if (step !== undefined) throw stillBusy(step.host, step.unit);
}

const stillBusy = (host: string, unit: string): McpError =>
  new McpError('locked', `${host} is still busy with ${unit}, a step of an earlier run`, {
    host,
    hint: 'wait until that step has ended, then run the command again: it takes up what is left',
  });

/** Another run has the lock. `record`: what it left there about itself. */
export function lockedBy(host: string, record: string): McpError {
  const holder = wordsOf(record);
  return new McpError('locked', `${host} is locked by ${holder}`, {
    host,
    hint: 'wait until that run has ended, or have it waited for with --lock-wait 15m; `mcp lock show` tells who lives',
  });
}

function passedOn(host: string, record: string): McpError {
  return new McpError('locked', `${host} was locked meanwhile by ${wordsOf(record)}`, {
    host,
    hint: 'this run was not heard for two minutes and has stopped; run the command again, it takes up what is left',
  });
}

function wordsOf(record: string): string {
  const holder = holderFrom(record);
  if (holder !== undefined) return holderInWords(holder);
  return record.trim() === '' ? 'another run' : record.trim();
}

const busyCode = 75;
const stepAliveCode = 76;
const passedOnCode = 79;

function lockScript(taking: Taking, { run, asked, paths, clock }: Context): string {
  const holder: LockHolder = { ...asked, run, since: new Date(clock.wallClock()).toISOString() };
  return programWith(lockText, {
    values: {
      lock: paths.lock,
      former: paths.formerLock,
      run,
      taking,
      holder: JSON.stringify(holder),
      words: holderInWords(holder),
      busy_code: busyCode,
      step_alive_code: stepAliveCode,
      passed_on_code: passedOnCode,
    },
  });
}
