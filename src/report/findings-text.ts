import type { SortedFindings } from '../model/cause.ts';
import type { McpError } from '../model/failure.ts';
import { causesInShort, everythingAsLines } from '../model/finding-lines.ts';

/** What is said of findings: causes with a count of what follows from them, or each one (`--verbose`). */
export type Telling = 'causes' | 'everything';

/** What a gate waits for: the first few causes and findings, or everything. */
export function findingsAsText(closing: SortedFindings, telling: Telling): string {
  if (telling === 'everything') return everythingAsLines(closing).join('; ');
  const lines = causesInShort(closing);
  const more = lines.length > 3 ? ` and ${lines.length - 3} more` : '';
  return lines.slice(0, 3).join('; ') + more;
}

/** The findings that a halt folded, a line each below a heading; nothing where it folded none. */
export const everythingFound = (failure: McpError | undefined): readonly string[] => {
  const { findings = [] } = failure?.details ?? {};
  return findings.length === 0 ? [] : ['\nEverything that was found:', ...findings];
};
