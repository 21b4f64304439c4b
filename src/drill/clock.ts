import { setTimeout as sleepFor } from 'node:timers/promises';

/** Time as the drill sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds of a clock that never jumps. */
  now(): number;
  /** Milliseconds since the epoch, to find the same moment in the hosts' journals. */
  wallClock(): number;
  /** Rejects as soon as `signal` is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wallClock: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    await sleepFor(milliseconds, undefined, signal ? { signal } : {});
  },
};
