import type { Membership } from '../model/membership.ts';
import type { Batch } from '../model/plan.ts';
import { beginOn } from './begin.ts';
import { type Locks, lockHosts } from './lock.ts';
import { onEach } from './on-each.ts';
import type { Performing } from './perform.ts';
import { participants, type RunContext, stopIfAsked } from './run-context.ts';

/** What acts of a run that puts no files anywhere have in common: all of the hosts, locked. */
export interface InTurn extends AsyncDisposable {
  readonly hosts: readonly string[];
  readonly performing: Performing;
  /** Begins the run everywhere. Nothing is put on any host, so nothing is announced but who belongs. */
  begin(intent: Membership | undefined): Promise<void>;
  /** Tells of a batch while `act` does it. Between two of them is where the run may stop. */
  take(batch: Batch, act: () => Promise<void>): Promise<void>;
}

/** Throws McpError `locked` where another run has one of the hosts. */
export async function takeTurns(context: RunContext): Promise<InTurn> {
  const hosts = participants(context);
  const locks: Locks = await lockHosts(hosts, context);
  return {
    hosts,
    performing: { context, relock: (name) => locks.renew(name) },
    begin: (intent) =>
      onEach(hosts, (host) =>
        beginOn(host, { ...context, desired: { hosts: new Map() }, plan: { ...context.plan, intent } }),
      ),
    async take(batch, act) {
      stopIfAsked(context.signals);
      await locks.renew();
      const began = context.clock.now();
      context.emit({ type: 'batch-started', batch, total: context.plan.batches.length });
      await act();
      const seconds = (context.clock.now() - began) / 1000;
      context.emit({ type: 'batch-finished', batch: batch.id, seconds });
    },
    [Symbol.asyncDispose]: () => locks[Symbol.asyncDispose](),
  };
}
