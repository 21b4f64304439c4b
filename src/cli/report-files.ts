import { resolve } from 'node:path';
import { Option } from 'commander';
import { exitCodes, McpError } from '../model/failure.ts';
import {
  asFailure,
  bugAsText,
  createRunReport,
  failureAsText,
  failureReport,
  junitAsXml,
  markdownAsText,
  type Output,
  type Report,
  type RolloutListener,
  together,
} from '../report/index.ts';
import { askedHere } from '../workflows/asked.ts';
import { extendedFile, replacedFile } from '../workflows/report-file.ts';

/** Files beside what is printed, as the operator named them. */
export interface ReportFlags {
  readonly junit?: string | undefined;
  readonly markdown?: string | undefined;
}

export const junitOption = (): Option =>
  new Option('--junit <file>', 'write it to this file too, as JUnit XML, whatever the outcome');

export const markdownOption = (): Option =>
  new Option('--markdown <file>', 'add it to the end of this file too, as Markdown: $GITHUB_STEP_SUMMARY');

/** The files, opened. */
export interface ReportFiles {
  /** Has them written. One that can't be is complained of, and the outcome is still told. */
  tell(report: () => Report): Promise<void>;
  /** A listener that watches a run, and after it has finished has them written. */
  after(listener: RolloutListener): RolloutListener;
}

/** What is done, and by which verb. */
interface Reported extends ReportFlags {
  readonly verb: string;
}

/**
 * Does `work`, and has the files written whatever the outcome: by what it tells, or with the failure that kept it from
 * telling anything. Resolves with its exit code, or with that of a file that could not be written where all else went
 * well. Throws McpError `invalid-arguments` before anything is done where a file can't be written.
 */
export async function withReportFiles(
  reported: Reported,
  output: Output,
  work: (files: ReportFiles) => Promise<number>,
): Promise<number> {
  const asked = askedHere(reported.verb);
  const writers = await openFiles(reported, output, failureReport(asked, unended));
  let isTold = false;
  let isLost = false;
  const tell: ReportFiles['tell'] = async (report) => {
    isTold = true;
    for (const write of writers) {
      try {
        await write(report());
      } catch (thrown) {
        isLost = true;
        output.complain(thrown instanceof McpError ? failureAsText(thrown, output.paint) : bugAsText(thrown));
      }
    }
  };
  try {
    const exitCode = await work({
      tell,
      after: (listener) => together([listener, createRunReport(asked, tell)]),
    });
    return isLost && exitCode === exitCodes.done ? exitCodes.invalidInput : exitCode;
  } catch (thrown) {
    if (!isTold) await tell(() => failureReport(asked, asFailure(thrown)));
    throw thrown;
  }
}

const unended = new McpError('interrupted', 'mcp ended before it could tell how this went', {
  hint: 'look at what it printed, and at `mcp status`',
});

async function openFiles(
  { junit, markdown }: ReportFlags,
  { mask }: Output,
  unendedReport: Report,
): Promise<readonly ((report: Report) => Promise<void>)[]> {
  if (junit !== undefined && markdown !== undefined && resolve(junit) === resolve(markdown)) {
    throw new McpError('invalid-arguments', `${junit} can't be JUnit and Markdown`, {
      hint: 'name another file for one of them',
    });
  }
  const documents = markdown === undefined ? undefined : await extendedFile(markdown);
  const asXml = ({ tests = { name: 'mcp', suites: [] } }: Report): string => junitAsXml(tests, mask);
  const tests = junit === undefined ? undefined : await replacedFile(junit, asXml(unendedReport));
  return [
    ...(tests ? [(report: Report) => tests.write(asXml(report))] : []),
    ...(documents ? [(report: Report) => documents.write(markdownAsText(report.document, mask))] : []),
  ];
}
