import { type Clock, systemClock } from '../execute/index.ts';
import type { Emit } from '../model/event.ts';
import { McpError } from '../model/failure.ts';
import { heldUpBy } from '../model/lock.ts';
import { cloudLocks, type WithHosts } from './lock.ts';

/** What verbs that lock hosts have in common. */
export interface LockWishes {
  /** How long to wait for a run that has the lock; undefined: not at all. */
  readonly lockWaitSeconds?: number;
  readonly emit: Emit;
  /** `soft` finishes the running step and stops; `hard` stops now. */
  readonly signals: { readonly soft: AbortSignal; readonly hard: AbortSignal };
}

/**
 * Does `work` once no run has a lock of the cloud's hosts. It is begun again from its own beginning, which is to look at
 * the hosts, when another run was quicker: whatever was planned before that run says nothing any more.
 */
export async function whenUnlocked<Result>(
  session: WithHosts,
  wishes: LockWishes,
  work: (emit: Emit) => Promise<Result>,
  clock: Clock = systemClock,
): Promise<Result> {
  const { lockWaitSeconds, emit } = wishes;
  if (lockWaitSeconds === undefined) return work(emit);
  const giveUpAt = clock.now() + lockWaitSeconds * 1000;
  for (;;) {
    await unlocked(session, { ...wishes, giveUpAt, lockWaitSeconds }, clock);
    let begun = false;
    try {
      return await work((event) => {
        begun ||= event.type === 'rollout-started';
        emit(event);
      });
    } catch (failure) {
      const tooLate = failure instanceof McpError && failure.code === 'locked' && !begun;
      if (!tooLate || clock.now() >= giveUpAt) throw failure;
    }
  }
}

interface Patience extends LockWishes {
  readonly lockWaitSeconds: number;
  /** By the clock of the waiting. */
  readonly giveUpAt: number;
}

async function unlocked(
  session: WithHosts,
  { emit, signals, giveUpAt, lockWaitSeconds }: Patience,
  clock: Clock,
): Promise<void> {
  let told = '';
  for (;;) {
    const found = await firstHeld(session, signals.soft);
    if (found === undefined) return;
    const { host, reason } = found;
    if (clock.now() >= giveUpAt) {
      throw new McpError('locked', `${host} is ${reason}, waited ${lockWaitSeconds} s`, {
        host,
        hint: 'see `mcp lock show`; wait for longer with --lock-wait',
      });
    }
    if (told !== `${host} ${reason}`) emit({ type: 'lock-waiting', host, reason });
    told = `${host} ${reason}`;
    await clock.sleep(Math.min(betweenLooks, Math.max(0, giveUpAt - clock.now())), signals.soft);
  }
}

/** Hosts that do not answer keep nobody waiting: what that means is the plan's business. */
async function firstHeld(session: WithHosts, signal: AbortSignal) {
  for (const lock of await cloudLocks(session, signal)) {
    const reason = lock.state === 'unknown' ? undefined : heldUpBy(lock);
    if (reason !== undefined) return { host: lock.host, reason };
  }
  return undefined;
}

const betweenLooks = 3000;
