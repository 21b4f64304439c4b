import type { TestReport } from './junit.ts';
import type { MarkdownBlock } from './markdown.ts';

/** What a verb has found or done, for those who were not there: test cases, and a document to read. */
export interface Report {
  readonly tests?: TestReport;
  readonly document: readonly MarkdownBlock[];
}
