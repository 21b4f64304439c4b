import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';

export interface Turns {
  /** How many may be having their turn at a time. */
  readonly atOnce: number;
  /** A turn is over when the work is done, and after so many milliseconds at the latest. */
  readonly milliseconds: number;
}

export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * For work that computes on hosts which share processors: few at a time. What takes longer than computing would waits for
 * something, a reply that does not come or a host that has frozen, and goes on while the next has its turn: otherwise
 * what each host waits for would add up.
 */
export function takingTurns({ atOnce, milliseconds }: Turns): InTurn {
  const limit = pLimit(atOnce);
  return (work) =>
    new Promise((resolve, reject) => {
      void limit(async () => {
        const over = new AbortController();
        const working = work().then(resolve, reject);
        const longest = pause(milliseconds, undefined, { signal: over.signal }).catch(() => undefined);
        await Promise.race([working, longest]);
        over.abort();
      });
    });
}
