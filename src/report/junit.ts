import type { Mask } from './mask.ts';
import { plainText } from './plain-text.ts';

/** Test cases as CI systems show them. All texts are plain: masking and escaping is done where it is written. */
export interface TestReport {
  readonly name: string;
  /** Left out: what the suites took together. */
  readonly seconds?: number;
  readonly suites: readonly TestSuite[];
}

export interface TestSuite {
  readonly name: string;
  /** Left out: what the cases took together. */
  readonly seconds?: number;
  readonly cases: readonly TestCase[];
}

export interface TestCase {
  readonly classname: string;
  readonly name: string;
  /** A file of the operator's that it is about. */
  readonly file?: string;
  readonly seconds?: number;
  readonly outcome: CaseOutcome;
}

export type CaseOutcome =
  | { readonly kind: 'passed'; readonly remarks?: string }
  /**
   * `failure`: what was looked for is not so; `error`: it did not come to that. `text` holds everything, for GitLab shows
   * no `message` where there is a text.
   */
  | {
      readonly kind: 'failure' | 'error';
      readonly type: string;
      readonly message: string;
      readonly text: string;
    }
  | { readonly kind: 'skipped'; readonly message: string };

/** The report as JUnit XML, in the form that GitLab, GitHub's actions and Jenkins read. */
export function junitAsXml({ name, suites, seconds }: TestReport, mask: Mask): string {
  const written = suites.map((suite) => ({ seconds: secondsOf(suite.cases), ...suite }));
  const total = seconds ?? written.reduce((sum, suite) => sum + suite.seconds, 0);
  const all = written.flatMap(({ cases }) => cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, ...counts(all), time: timeOf(total) }, mask)}>`,
    ...written.flatMap((suite) => suiteLines(suite, mask)),
    '</testsuites>',
    '',
  ].join('\n');
}

const secondsOf = (cases: readonly TestCase[]): number =>
  cases.reduce((sum, { seconds = 0 }) => sum + seconds, 0);

const timeOf = (seconds: number): string => seconds.toFixed(3);

const counts = (cases: readonly TestCase[]) => {
  const of = (kind: CaseOutcome['kind']) =>
    String(cases.filter(({ outcome }) => outcome.kind === kind).length);
  return {
    tests: String(cases.length),
    failures: of('failure'),
    errors: of('error'),
    skipped: of('skipped'),
  };
};

function suiteLines({ name, cases, seconds = 0 }: TestSuite, mask: Mask): readonly string[] {
  return [
    `  <testsuite${attributes({ name, ...counts(cases), time: timeOf(seconds) }, mask)}>`,
    ...namedApart(cases).flatMap((each) => caseLines(each, mask)),
    '  </testsuite>',
  ];
}

/** Of cases with the same names GitLab shows the first one only, so those that come later are numbered. */
function namedApart(cases: readonly TestCase[]): readonly TestCase[] {
  const seen = new Map<string, number>();
  return cases.map((each) => {
    const key = `${each.classname}\n${each.name}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count === 1 ? each : { ...each, name: `${each.name} (${count})` };
  });
}

function caseLines({ classname, name, file, seconds = 0, outcome }: TestCase, mask: Mask): readonly string[] {
  const about = { classname, name, ...(file === undefined ? {} : { file }), time: timeOf(seconds) };
  const inside = outcomeAsXml(outcome, mask);
  const opening = `    <testcase${attributes(about, mask)}`;
  return inside === '' ? [`${opening}/>`] : [`${opening}>`, `      ${inside}`, '    </testcase>'];
}

function outcomeAsXml(outcome: CaseOutcome, mask: Mask): string {
  switch (outcome.kind) {
    case 'passed':
      return outcome.remarks === undefined
        ? ''
        : `<system-out>${escaped(outcome.remarks, mask)}</system-out>`;
    case 'skipped':
      return `<skipped${attributes({ message: outcome.message }, mask)}/>`;
    case 'failure':
    case 'error': {
      const { kind, message, type, text } = outcome;
      return `<${kind}${attributes({ message, type }, mask)}>${escaped(text, mask)}</${kind}>`;
    }
  }
}

const attributes = (values: Readonly<Record<string, string>>, mask: Mask): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(value, mask).replace(/["\n\t]/g, reference)}"`)
    .join('');

/** Masked before it is escaped: a secret with a `<` in it would not be found afterwards. */
const escaped = (text: string, mask: Mask): string => plainText(mask(text)).replace(/[&<>]/g, reference);

/** A parser makes spaces of line ends and tabs in attributes where they stand for themselves. */
const reference = (character: string): string =>
  ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character] ?? `&#${character.codePointAt(0)};`;
