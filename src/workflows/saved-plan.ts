import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { McpError } from '../model/failure.ts';
import type { Asked } from '../model/lock.ts';
import type { PlanOptions } from '../model/plan-options.ts';
import { type SavedPlan, savedPlanFormat } from '../model/saved-plan.ts';
import type { Secrets } from '../model/secret.ts';
import { programVersion } from '../model/version.ts';
import { inputsOf, type KeyedHash, outdatedBy, planToSave } from '../plan/index.ts';
import type { Cloud } from './cloud.ts';
import type { Planned } from './plan.ts';
import { type SealedPlan, sealedText } from './saved-plan-file.ts';

/** What makes a plan of now one for a file. Hashes in it are keyed: they tell nobody else what a file holds. */
export function sealPlan(
  { topology, desired }: Pick<Cloud, 'topology' | 'desired'>,
  { plan }: Pick<Planned, 'plan'>,
  { asked, options, now }: { readonly asked: Asked; readonly options: PlanOptions; readonly now: Date },
): SealedPlan {
  const keyed = keyedBy(topology.secrets);
  const saved: SavedPlan = {
    format: savedPlanFormat,
    program: programVersion,
    made: now.toISOString(),
    asked,
    options,
    inputs: inputsOf({ topology, desired }, keyed),
    plan: planToSave(plan, keyed),
  };
  return { saved, seal: keyed(sealedText(saved)) };
}

/**
 * Throws McpError `stale-plan` unless what is due now is part of the saved plan, all that it was made from is the same,
 * and each of its files is as it was or as it will be.
 */
export function refuseOutdated(
  { saved, seal }: SealedPlan,
  { topology, desired }: Pick<Cloud, 'topology' | 'desired'>,
  { plan }: Pick<Planned, 'plan'>,
): void {
  const keyed = keyedBy(topology.secrets);
  const reasons = isSame(seal, keyed(sealedText(saved)))
    ? outdatedBy(saved, {
        program: programVersion,
        inputs: inputsOf({ topology, desired }, keyed),
        plan: planToSave(plan, keyed),
      })
    : ['it was made with other secrets than this inventory has, or was changed since it was written'];
  if (reasons.length === 0) return;
  const shown = reasons.slice(0, mostReasons);
  const more = reasons.length - shown.length;
  throw new McpError(
    'stale-plan',
    [
      `the plan of ${saved.made} can't be carried out as it stands; nothing was changed:`,
      ...shown,
      ...(more > 0 ? [`and ${more} more`] : []),
    ].join('\n'),
    { hint: 'look at a new one with `mcp plan`, and save that' },
  );
}

/** More than that say what the first ones do. */
const mostReasons = 20;

/**
 * The key stays with the inventory, since it is made of all of its secrets: nobody needs another one, and a plan from
 * before a rotation opens nothing.
 */
function keyedBy(secrets: Secrets): KeyedHash {
  const values = [...secrets].map(([name, secret]) => [name, secret.reveal()]).sort();
  const key = createHash('sha256')
    .update(`saved plans\n${JSON.stringify(values)}`)
    .digest();
  return (text) => createHmac('sha256', key).update(text).digest('hex');
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
