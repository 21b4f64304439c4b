import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { junitAsXml, maskWith, type TestReport } from '../../src/report/index.ts';
import { allOf, parsedXml } from '../support/xml.ts';

const unmasked = maskWith([]);

const failing = (words: string): TestReport => ({
  name: words,
  suites: [
    {
      name: words,
      cases: [
        {
          classname: words,
          name: words,
          file: words,
          outcome: { kind: 'failure', type: 'gate-red', message: words, text: words },
        },
        { classname: words, name: 'another', outcome: { kind: 'skipped', message: words } },
        { classname: words, name: 'a third', outcome: { kind: 'passed', remarks: words } },
      ],
    },
  ],
});

test('whatever hosts say, the file is XML, and says the same where XML can say it', async () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom('<', '&', '"', "'", ']]>', '\n', '\t', '\r', 'a', '\0', '\u001b[1m', '\ud800'),
    }),
  );
  const said = fc.sample(anything, 300);
  const documents = await parsedXml(said.map((words) => junitAsXml(failing(words), unmasked)));
  for (const [index, document] of documents.entries()) {
    const expected = (said[index] ?? '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are to be gone
      .replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, '')
      .replace(/\r\n?/g, '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: as the specification of XML 1.0 lists them
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\ud800-\udfff]/gu, '\ufffd');
    const [failure] = allOf('failure', document);
    expect(failure?.text).toBe(expected);
    expect(failure?.attributes['message']).toBe(expected);
    expect(document.attributes['name']).toBe(expected);
    expect(allOf('system-out', document)[0]?.text).toBe(expected);
  }
});

test('a secret is masked before it is escaped, in every place', () => {
  const secret = 'p<w&"q\'x>>12';
  const xml = junitAsXml(failing(`login with ${secret} failed`), maskWith([new Secret(secret)]));
  expect(xml).not.toContain('p&lt;w');
  expect(xml).not.toContain('12 failed');
  expect(xml.match(/login with \*\*\* failed/g)).toHaveLength(11);
});

test('the counts of a suite and of all of them are what GitLab adds up', async () => {
  const passed = { classname: 'ctl01', name: 'write', seconds: 1.25, outcome: { kind: 'passed' } } as const;
  const error = { kind: 'error', type: 'interrupted', message: 'm', text: 't' } as const;
  const report: TestReport = {
    name: 'mcp deploy',
    suites: [
      { name: 'one', cases: [passed, { ...passed, name: 'start' }] },
      { name: 'two', seconds: 9, cases: [{ ...passed, outcome: error }] },
    ],
  };
  const [document] = await parsedXml([junitAsXml(report, unmasked)]);
  expect(document?.attributes).toEqual({
    ...{ name: 'mcp deploy', tests: '3', failures: '0', errors: '1', skipped: '0', time: '11.500' },
  });
  expect(document?.children.map(({ attributes }) => attributes)).toMatchObject([
    { name: 'one', tests: '2', errors: '0', time: '2.500' },
    { name: 'two', tests: '1', errors: '1', time: '9.000' },
  ]);
});

test('cases of one name are told apart, for GitLab would show one of them', async () => {
  const again = { classname: 'ctl01', name: 'reload systemd', outcome: { kind: 'passed' } } as const;
  const report = {
    name: 'r',
    suites: [{ name: 's', cases: [again, again, { ...again, classname: 'ctl02' }] }],
  };
  const [document] = await parsedXml([junitAsXml(report, unmasked)]);
  const names = document && allOf('testcase', document).map(({ attributes }) => attributes['name']);
  expect(names).toEqual(['reload systemd', 'reload systemd (2)', 'reload systemd']);
});
