import { commitInWords } from '../model/commit.ts';
import type { PlanOptions } from '../model/plan-options.ts';
import type { SavedPlan } from '../model/saved-plan.ts';
import { type Paint, plain } from './paint.ts';
import { planAsText } from './plan-text.ts';

/** A saved plan to read: who made it, when and how, and what it would do. */
export function savedPlanAsText(saved: SavedPlan, paint: Paint = plain): string {
  const { made, program, options, plan } = saved;
  const { by, from, job, commit } = saved.asked;
  const beside = optionsAsText(options);
  const lines = [
    `made ${made} by ${by}@${from} with mcp ${program}`,
    ...(commit === undefined ? [] : [`from ${commitInWords(commit)}`]),
    ...(job === undefined ? [] : [`for ${job}`]),
    ...(beside === '' ? [] : [`with ${beside}`]),
  ];
  return `${lines.map((line) => paint.dim(line)).join('\n')}\n\n${planAsText(plan, paint)}`;
}

/** As they were typed. */
const optionsAsText = (options: PlanOptions): string => {
  const { limit, allowUnreachable, forget, purge, keepFormer, overwriteDrift, allowOlder } = options;
  return [
    ...(limit === undefined ? [] : [`--limit ${limit.join(' ')}`]),
    ...(allowUnreachable === undefined ? [] : [`--allow-unreachable ${allowUnreachable.join(' ')}`]),
    ...(forget === undefined ? [] : [`--forget ${forget.join(' ')}`]),
    ...(purge === true ? ['--purge'] : []),
    ...(keepFormer === true ? ['--keep-former'] : []),
    ...(overwriteDrift === true ? ['--overwrite-drift'] : []),
    ...(allowOlder === true ? ['--allow-older'] : []),
  ].join(' ');
};
