import { type Cause, everythingIn, type SortedFindings } from './cause.ts';
import type { Finding } from './check.ts';

/** "ctl01, ctl03: is not Synced", for halts and gates. What is out says itself what or who that is. */
export const findingAsLine = ({ hosts, message, outage }: Finding): string =>
  hosts.length === 0 || outage !== undefined ? message : `${hosts.join(', ')}: ${message}`;

/** One line a cause, with how much follows from it, then one for each other finding. */
export const causesInShort = ({ causes, others }: SortedFindings): readonly string[] => [
  ...causes.map(causeAsLine),
  ...others.map(({ finding }) => findingAsLine(finding)),
];

/** The same, and below a host that is dead what is left without it. */
export const causesAsLines = ({ causes, others }: SortedFindings): readonly string[] => [
  ...causes.flatMap((cause) => [causeAsLine(cause), ...leftWithout(cause).map((line) => `  ${line}`)]),
  ...others.map(({ finding }) => findingAsLine(finding)),
];

/** Every finding on a line of its own. */
export const everythingAsLines = (sorted: SortedFindings): readonly string[] =>
  everythingIn(sorted).map(({ finding }) => findingAsLine(finding));

/** "left without it: galera 2 of 3, rabbitmq 2 of 3"; nothing where no host is the cause. */
export const leftWithout = ({ capacity }: Cause): readonly string[] =>
  capacity.length === 0 ? [] : [`left without it: ${capacity.join(', ')}`];

/** "15 findings follow from it; --verbose shows them". */
export function foldedIn({ follows }: Cause): readonly string[] {
  if (follows.length === 0) return [];
  return follows.length === 1
    ? ['1 finding follows from it; --verbose shows it']
    : [`${follows.length} findings follow from it; --verbose shows them`];
}

const causeAsLine = (cause: Cause): string =>
  [findingAsLine(cause.finding), ...foldedIn(cause).map((words) => `(${words})`)].join(' ');
