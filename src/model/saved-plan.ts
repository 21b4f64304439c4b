import type { Asked } from './lock.ts';
import type { PlanOptions } from './plan-options.ts';
import type { ToldPlan } from './told-plan.ts';

/** Format of the files that this version writes and reads. */
export const savedPlanFormat = 1;

/**
 * A plan in a file: what it would do and what it was made from, for someone to look at and a later deploy to carry out.
 * It holds no content and no secret: hashes of files in it are keyed with what stays with the inventory.
 */
export interface SavedPlan {
  readonly format: typeof savedPlanFormat;
  /** Version of the program that made it. */
  readonly program: string;
  /** When, by the clock of the machine that made it: ISO 8601. */
  readonly made: string;
  readonly asked: Asked;
  readonly options: PlanOptions;
  /** Keyed hash of what each host should have, by host, and of the cloud as a whole under the empty name. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly plan: ToldPlan;
}
