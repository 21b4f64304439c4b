import type { Membership } from '../model/membership.ts';
import type { Batch } from '../model/plan.ts';
import { beginOn } from './begin.ts';
import { onEach } from './on-each.ts';
import type { Acting } from './own-lock.ts';
import { participants, stopIfAsked } from './run-context.ts';

/** What acts of a run that puts no files anywhere have in common. */
export interface InTurn {
  /** Begins the run everywhere. Nothing is put on any host, so nothing is announced but who belongs. */
  begin(intent: Membership | undefined): Promise<void>;
  /** Tells of a batch while `act` does it. Between two of them is where the run may stop. */
  take(batch: Batch, act: () => Promise<void>): Promise<void>;
}

export function takeTurns({ context, locks }: Acting): InTurn {
  return {
    begin(intent) {
      const bare = { ...context, desired: { hosts: new Map() }, plan: { ...context.plan, intent } };
      const hosts = participants(context);
      return onEach(hosts, (host) => beginOn(host, { context: bare, locks }, hosts));
    },
    async take(batch, act) {
      stopIfAsked(context.signals);
      await locks.renew();
      const began = context.clock.now();
      context.emit({ type: 'batch-started', batch, total: context.plan.batches.length });
      await act();
      const seconds = (context.clock.now() - began) / 1000;
      context.emit({ type: 'batch-finished', batch: batch.id, seconds });
    },
  };
}
