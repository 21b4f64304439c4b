import type { Asked } from '../model/lock.ts';
import type { MarkdownBlock } from './markdown.ts';
import type { Halt, RunCourse } from './run-course.ts';
import { haltInWords, wholeFailure } from './run-words.ts';
import type { HostSummary } from './summary.ts';
import { hostColumns, outcomeText, verdictInWords } from './summary-text.ts';
import { duration } from './words.ts';

/** A run for whoever was not there: how it went, on which hosts, and where and why it halted. */
export function runAsDocument(asked: Asked, course: RunCourse): readonly MarkdownBlock[] {
  const { summary, begun, batches, halt, journalLost } = course;
  const of = begun ? ` of ${begun.plan.cloud}` : '';
  const rows = summary.hosts.map((host) => [
    host.host,
    outcomeOf(host),
    String(host.stepsDone),
    duration(host.seconds),
  ]);
  return [
    { kind: 'heading', level: 2, text: `${halt ? '❌' : '✅'} mcp ${asked.verb}${of}` },
    { kind: 'paragraph', text: verdictInWords(summary) },
    ...(rows.length === 0 ? [] : [{ kind: 'table', columns: hostColumns, rows } as const]),
    ...(halt ? whyHalted(halt, batches.length) : []),
    ...(journalLost === undefined ? [] : [{ kind: 'paragraph', text: journalLost } as const]),
    ...whoAsked(asked, begun?.run),
  ];
}

/** Not cut off as on a terminal: that comes after the secrets are masked. */
const outcomeOf = (host: HostSummary): string =>
  host.outcome === 'failed' ? `failed at ${host.failure?.split('\n')[0] ?? ''}` : outcomeText(host);

/** The verdict says as much as that no host was touched. */
function whyHalted(halt: Halt, total: number): readonly MarkdownBlock[] {
  const where = capitalised(haltInWords(halt, total));
  return [
    ...(halt.at === 'plan' ? [] : [{ kind: 'heading', level: 3, text: where } as const]),
    { kind: 'code', language: 'text', text: wholeFailure(halt.reason) },
  ];
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** By whom, from where, and the page of the CI job. */
export function whoAsked({ by, from, job }: Asked, run?: string): readonly MarkdownBlock[] {
  const what = run === undefined ? 'asked for' : `run ${run}, asked for`;
  return [
    { kind: 'paragraph', text: `${what} by ${by} on ${from}` },
    ...(job === undefined ? [] : [{ kind: 'link', text: 'CI job', url: job } as const]),
  ];
}
