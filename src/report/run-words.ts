import type { McpError } from '../model/failure.ts';
import type { Batch } from '../model/plan.ts';
import { failureAsText } from './failure-text.ts';
import { everythingFound } from './findings-text.ts';
import type { Halt } from './run-course.ts';

/** "batch 3 of 14: HAProxy on prx01". */
export const batchName = ({ id, title }: Batch, total: number): string => `batch ${id} of ${total}: ${title}`;

/** "halted at restart haproxy.service on prx01, batch 3 of 14: HAProxy on prx01". */
export function haltInWords(halt: Halt, total: number): string {
  const how = halt.reason.code === 'interrupted' ? 'interrupted' : 'halted';
  switch (halt.at) {
    case 'step':
      return `${how} at ${halt.step.title} on ${halt.step.host}, ${batchName(halt.batch, total)}`;
    case 'gate':
      return `${how} at the gate ${halt.when} ${batchName(halt.batch, total)}`;
    case 'last gate':
      return `${how} at the last gate`;
    case 'batch':
      return `${how} in ${batchName(halt.batch, total)}`;
    case 'between':
      return `${how} after ${batchName(halt.after, total)}`;
    case 'beginning':
      return `${how} before the first batch`;
    case 'plan':
      return `${how} before anything was begun`;
  }
}

/** All that is known of a failure: what happened, what to do, and every finding behind it. */
export const wholeFailure = (failure: McpError): string =>
  [failureAsText(failure), ...everythingFound(failure)].join('\n');
