import { type Commit, commitInWords } from '../model/commit.ts';
import { minuteOf } from '../model/minute.ts';
import type { Batch, Refusal } from '../model/plan.ts';
import type { PlanRequest } from './plan-request.ts';

/** An older inventory would take back what somebody else has deployed since. Where it changes nothing it does no harm. */
export function olderRefusals({ older }: PlanRequest, batches: readonly Batch[]): readonly Refusal[] {
  if (older === undefined || batches.length === 0) return [];
  const { commit, deployed } = older;
  const { by, from, since, run } = deployed;
  const last = deployed.commit === undefined ? 'a newer one' : commitOf(deployed.commit);
  return [
    {
      kind: 'older',
      host: deployed.hosts[0] ?? '',
      message: `this inventory is at commit ${commitOf(commit)}, and ${by}@${from} has deployed ${last} since (run ${run}, ${minuteOf(since)} UTC)`,
      hint: 'pull first; if you mean to take that back, add --allow-older',
    },
  ];
}

const commitOf = (commit: Commit): string =>
  `${commitInWords(commit)} of ${minuteOf(new Date(commit.committedAt).toISOString())} UTC`;
