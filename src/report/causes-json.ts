import { everythingIn, type SortedFindings } from '../model/cause.ts';
import type { Found } from '../model/check.ts';

/** Every finding, with its check: nothing is folded for machines. */
export const everythingAsJson = (sorted: SortedFindings): readonly object[] =>
  everythingIn(sorted).map(({ check, finding }) => ({ check: check.name, ...finding }));

/** The causes, each with the names of what follows from it. */
export const causesAsJson = ({ causes }: SortedFindings): readonly object[] =>
  causes.map(({ capacity, follows, ...cause }) => ({
    ...named(cause),
    capacity,
    follows: follows.map(named),
  }));

const named = ({ check, finding: { hosts, message } }: Found): object => ({
  check: check.name,
  hosts,
  message,
});
