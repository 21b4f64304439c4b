import { everythingIn, type SortedFindings } from './cause.ts';
import type { Finding } from './check.ts';

/** "ctl01, ctl03: is not Synced", for halts and gates; a message that begins with its host stands alone. */
export function findingAsLine({ hosts, message }: Finding): string {
  const where = hosts.join(', ');
  return message.startsWith(where) ? message : `${where}: ${message}`;
}

/** One line a cause, with how much follows from it, then one for each other finding. */
export const causesAsLines = ({ causes, others }: SortedFindings): readonly string[] => [
  ...causes.map(({ finding, capacity, follows }) => {
    const left = capacity.length === 0 ? '' : `; left: ${capacity.join(', ')}`;
    return `${findingAsLine(finding)}${left}${folded(follows.length)}`;
  }),
  ...others.map(({ finding }) => findingAsLine(finding)),
];

/** Every finding on a line of its own. */
export const everythingAsLines = (sorted: SortedFindings): readonly string[] =>
  everythingIn(sorted).map(({ finding }) => findingAsLine(finding));

function folded(count: number): string {
  if (count === 0) return '';
  return count === 1
    ? ' (1 finding follows from it; --verbose shows it)'
    : ` (${count} findings follow from it; --verbose shows them)`;
}
