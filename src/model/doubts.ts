import type { InventoryPath } from './diagnostic.ts';

/** What nobody may go by in an inventory with mistakes, since its operator will have to say it again. */
export interface Doubts {
  /** Where something else stands than what was written: a rule that complains there complains about that. */
  readonly parts: readonly InventoryPath[];
  /** Whether it is unknown which hosts there are, and for what. */
  readonly roles: boolean;
  /** Whether it is unknown which VIPs there are. */
  readonly vips: boolean;
  /** Services whose settings are unknown, by name. */
  readonly services: ReadonlySet<string>;
}

export const noDoubts: Doubts = { parts: [], roles: false, vips: false, services: new Set() };

/** Whether something else than what was written stands anywhere within a part. */
export const isDoubtful = (part: InventoryPath, { parts }: Pick<Doubts, 'parts'>): boolean =>
  parts.some((doubtful) => isWithin(doubtful, part));

/** Whether a path leads into a part, or to it. */
export const isWithin = (path: InventoryPath, part: InventoryPath): boolean =>
  part.every((key, position) => path[position] === key);
