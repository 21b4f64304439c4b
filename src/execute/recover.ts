import { narrowed, type SortedFindings } from '../model/cause.ts';
import { concerned } from '../model/check.ts';
import { McpError } from '../model/failure.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Batch } from '../model/plan.ts';
import type { RecoveryStage } from '../model/recovery.ts';
import type { ScriptStep } from '../model/step.ts';
import { observeNow, passGate } from './gate.ts';
import { gateRules } from './gate-rules.ts';
import { takeTurns } from './in-turn.ts';
import { onEach } from './on-each.ts';
import type { Acting } from './own-lock.ts';
import { performScripts } from './perform.ts';
import { asRun, type RolloutRequest } from './rollout.ts';
import { participants, type RunContext } from './run-context.ts';

/**
 * Brings services back, one stage after the other; `stages` are those of the plan's batches, in their order. Looks once
 * more before the first, whether they are still out. Ends when they serve: who else has to heal is no business of this. Throws the McpError that it has told as `rollout-halted`.
 */
export const recoverServices = (
  request: RolloutRequest,
  stages: ReadonlyMap<Batch, RecoveryStage>,
  isStillOut: (observed: ObservedState) => boolean,
): Promise<void> =>
  asRun(request, participants, async (performing, touched) => {
    const { context } = performing;
    const turns = takeTurns(performing);
    if (!isStillOut(await observeNow(context))) {
      throw new McpError('stale-plan', 'it serves again: nothing was touched', {
        hint: 'see `mcp status`',
      });
    }
    await turns.begin(undefined);
    for (const [batch, { steps }] of stages) {
      await turns.take(batch, async () => {
        for (const { host } of steps) touched.add(host);
        await performTogether(batch, steps, performing);
      });
    }
    await passGate(
      { batch: 0, when: 'after', deadlineSeconds: 120, times: 1, closing: stillOut(context) },
      context,
    );
  });

/** Hosts at the same time, the steps of each in their order. */
async function performTogether(
  batch: Batch,
  steps: readonly ScriptStep[],
  performing: Acting,
): Promise<void> {
  const hosts = [...new Set(steps.map(({ host }) => host))];
  await onEach(hosts, (host) =>
    performScripts(batch.id, `recover-${host}`, {
      steps: steps.filter((step) => step.host === host),
      performing,
    }),
  );
}

function stillOut(context: RunContext): (observed: ObservedState) => SortedFindings {
  const rules = gateRules(context);
  const recovered = new Set(context.plan.batches.map(({ service }) => service));
  return (observed) =>
    narrowed(
      rules.closingAtEnd(observed),
      (found) => found.finding.outage === 'service' && recovered.has(concerned(found)),
    );
}
