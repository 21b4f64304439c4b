import type { Plan } from '../model/plan.ts';
import { toldPlan } from '../model/told-plan.ts';

/** Version of every JSON that this program prints; a change that breaks readers raises it. */
export const jsonVersion = 1;

/** A plan for machines: no content, no script, no secret, and no hash, from which what a file holds could be guessed. */
export function planAsJson(plan: Plan): object {
  const { changes, ...told } = toldPlan(plan);
  return {
    type: 'plan',
    version: jsonVersion,
    ...told,
    changes: changes.map(({ before: _before, after: _after, ...change }) => change),
  };
}
