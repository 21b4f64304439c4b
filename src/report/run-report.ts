import type { ExecutionEvent } from '../model/event.ts';
import type { McpError } from '../model/failure.ts';
import type { Asked } from '../model/lock.ts';
import type { RolloutListener } from './listener.ts';
import type { Report } from './report.ts';
import { courseOf } from './run-course.ts';
import { runAsTests } from './run-junit.ts';
import { runAsDocument } from './run-markdown.ts';

/** Reports on a run once it has ended. */
export function createRunReport(
  asked: Asked,
  tell: (report: () => Report) => Promise<void>,
): RolloutListener {
  const events: ExecutionEvent[] = [];
  return {
    emit: (event) => void events.push(event),
    finish: (failure) => tell(() => runReport(asked, events, failure)),
  };
}

/** Where nothing was told of it, nothing was begun. */
function runReport(asked: Asked, events: readonly ExecutionEvent[], failure?: McpError): Report {
  const course = courseOf(events, failure);
  return { tests: runAsTests(`mcp ${asked.verb}`, course), document: runAsDocument(asked, course) };
}
