import type { Cause } from '../model/cause.ts';
import type { Finding, Found, Health } from '../model/check.ts';
import { findingAsLine, leftWithout } from '../model/finding-lines.ts';
import type { CaseOutcome, TestCase, TestSuite } from './junit.ts';
import type { MarkdownBlock } from './markdown.ts';
import type { Report } from './report.ts';
import { type ShownStatus, statusVerdict } from './status-text.ts';
import { counted, groupedBy } from './words.ts';

/** The health of a cloud: a test case for each check, and a document with what is wrong, causes first, and every table. */
export const statusReport = (status: ShownStatus): Report => ({
  tests: { name: 'mcp status', suites: suitesOf(status.health) },
  document: documentOf(status),
});

type Result = Health['results'][number];

const suitesOf = ({ results }: Health): readonly TestSuite[] =>
  groupedBy(results, ({ service }) => service).map((own) => ({
    name: own[0]?.service ?? '',
    cases: own.map(caseOf),
  }));

const caseOf = (result: Result): TestCase => ({
  classname: result.check,
  name: result.title,
  outcome: outcomeOf(result),
});

function outcomeOf({ findings }: Result): CaseOutcome {
  const text = findings.map(findingInWords).join('\n');
  const red = findings.find(({ severity }) => severity === 'red');
  if (red !== undefined) return { kind: 'failure', type: 'red', message: findingAsLine(red), text };
  return text === '' ? { kind: 'passed' } : { kind: 'passed', remarks: text };
}

const findingInWords = (finding: Finding): string => {
  const mark = finding.severity === 'red' ? '✗' : '!';
  return `${mark} ${findingAsLine(finding)}${finding.hint === undefined ? '' : ` → ${finding.hint}`}`;
};

const foundInWords = ({ finding, check }: Found): string => `${findingInWords(finding)} (${check.name})`;

/** With how much follows from it: the test cases and the tables tell what. */
function causeInWords(cause: Cause): string {
  const { length } = cause.follows;
  const follows =
    length === 0 ? [] : [`${counted(length, 'finding')} ${length === 1 ? 'follows' : 'follow'} from it`];
  return [foundInWords(cause), ...leftWithout(cause), ...follows].join('; ');
}

function documentOf({ cloud, sections, health, sorted }: ShownStatus): readonly MarkdownBlock[] {
  const wrong = [...sorted.causes.map(causeInWords), ...sorted.others.map(foundInWords)];
  const title = statusVerdict({ cloud, health, sorted });
  return [
    { kind: 'heading', level: 2, text: `${health.healthy ? '✅' : '❌'} ${title}` },
    ...(wrong.length === 0 ? [] : [{ kind: 'list', items: wrong } as const]),
    ...sections.map(
      ({ title: summary, columns, rows }): MarkdownBlock => ({
        kind: 'details',
        summary,
        block: { kind: 'table', columns, rows },
      }),
    ),
  ];
}
