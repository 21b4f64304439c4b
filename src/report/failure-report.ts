import type { McpError } from '../model/failure.ts';
import type { Asked } from '../model/lock.ts';
import type { Report } from './report.ts';
import { failureAsTests } from './run-junit.ts';
import { whoAsked } from './run-markdown.ts';
import { wholeFailure } from './run-words.ts';

/** That something could not even be begun, and why. */
export const failureReport = (asked: Asked, failure: McpError): Report => ({
  tests: failureAsTests(`mcp ${asked.verb}`, failure),
  document: [
    { kind: 'heading', level: 2, text: `❌ mcp ${asked.verb}` },
    { kind: 'code', language: 'text', text: wholeFailure(failure) },
    ...whoAsked(asked),
  ],
});
