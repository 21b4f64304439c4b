import { expect, test } from 'vitest';
import type { ExecutionEvent } from '../../src/model/event.ts';
import { McpError } from '../../src/model/failure.ts';
import { Secret } from '../../src/model/secret.ts';
import {
  createRunReport,
  junitAsXml,
  markdownAsText,
  maskWith,
  type Report,
} from '../../src/report/index.ts';
import { root } from '../support/golden.ts';
import {
  afterOneBatch,
  gateFailure,
  haltedAtGate,
  haltedAtStep,
  inFirstBatch,
  justBegun,
  runDone,
  stepFailure,
} from '../support/run-events.ts';
import { allOf, parsedXml } from '../support/xml.ts';

const asked = { verb: 'deploy', by: 'alice', from: 'ci-7', job: 'https://gitlab.example/jobs/7' };

async function reportOn(events: readonly ExecutionEvent[], failure?: McpError): Promise<Report> {
  let told: Report | undefined;
  const listener = createRunReport(asked, async (report) => {
    told = report();
  });
  events.forEach(listener.emit);
  await listener.finish(failure);
  if (told === undefined) throw new Error('nothing was told');
  return told;
}

async function written(
  events: readonly ExecutionEvent[],
  failure?: McpError,
  secrets: readonly string[] = [],
) {
  const { tests, document } = await reportOn(events, failure);
  const mask = maskWith(secrets.map((secret) => new Secret(secret)));
  return { junit: tests ? junitAsXml(tests, mask) : '', markdown: markdownAsText(document, mask) };
}

const interrupted = new McpError('interrupted', 'interrupted: the rest is untouched', {
  hint: 'run it again',
});
const refused = new McpError('drift', 'ctl01: /etc/cluster.conf was edited', {
  hint: 'use --overwrite-drift',
});

const runs = [
  ['done', runDone, undefined],
  ['halted-at-step', haltedAtStep, stepFailure],
  ['halted-at-gate', haltedAtGate, gateFailure],
  ['refused', [], refused],
] as const;

test.each(runs)('both files of a run that is %s', async (name, events, failure) => {
  const { junit, markdown } = await written(events, failure);
  await expect(junit).toMatchFileSnapshot(`${root}/test/golden/reports/${name}.xml`);
  await expect(markdown).toMatchFileSnapshot(`${root}/test/golden/reports/${name}.md`);
});

test('each of them is XML with the cases that its suites count, no two of a suite with the same names', async () => {
  const all = await Promise.all(
    runs.map(async ([, events, failure]) => (await written(events, failure)).junit),
  );
  const suites = (await parsedXml(all)).flatMap((document) => allOf('testsuite', document));
  for (const { attributes, children } of suites) {
    const names = children.map((each) => `${each.attributes['classname']} ${each.attributes['name']}`);
    expect(attributes['tests']).toBe(String(new Set(names).size));
  }
  expect(suites).toHaveLength(14);
});

/** The cases that did not pass, as `suite: name on classname`. */
async function notPassed(events: readonly ExecutionEvent[], failure?: McpError): Promise<readonly string[]> {
  const { tests } = await reportOn(events, failure);
  return (tests?.suites ?? []).flatMap((suite) =>
    suite.cases
      .filter(({ outcome }) => outcome.kind !== 'passed')
      .map(({ outcome, name, classname }) => `${outcome.kind} ${suite.name}: ${name} on ${classname}`),
  );
}

test('a run in which nothing was wrong has no other case than those that passed', async () => {
  expect(await notPassed(runDone)).toEqual([]);
  expect(await notPassed([])).toEqual([]);
});

test.each([
  ['before the first batch', justBegun, 'error plan: halted on run', 'Interrupted before the first batch'],
  [
    'between two batches',
    afterOneBatch,
    'error run: halted on run',
    'Interrupted after batch 1 of 3: Cluster on ctl02',
  ],
  [
    'in a batch',
    inFirstBatch,
    'error batch 1 of 3: Cluster on ctl02: halted on run',
    'Interrupted in batch 1 of 3: Cluster on ctl02',
  ],
] as const)('a run that is interrupted %s says where, once', async (_when, events, errors, heading) => {
  const wrong = (await notPassed(events, interrupted)).filter((line) => !line.startsWith('skipped'));
  expect(wrong.filter((line) => !line.includes('drain it'))).toEqual([errors]);
  expect((await written(events, interrupted)).markdown).toContain(`### ${heading}\n`);
});

test('a step of which nothing was heard any more is no success', async () => {
  expect(await notPassed(inFirstBatch, interrupted)).toContain(
    'error batch 1 of 3: Cluster on ctl02: drain it on ctl02',
  );
});

test('what a halted run has left untouched is skipped, step by step', async () => {
  const skipped = (await notPassed(haltedAtStep, stepFailure)).filter((line) => line.startsWith('skipped'));
  expect(skipped.filter((line) => line.includes('batch 3 of 3'))).toHaveLength(3);
  expect(skipped.some((line) => line.includes('batch 1 of 3'))).toBe(false);
});

test('a halt that says more than its step did is told beside it', async () => {
  const worse = new McpError(
    'degraded',
    `${stepFailure.message}\nand the cluster is not well:\nctl01: is alone`,
  );
  const wrong = (await notPassed(haltedAtStep, worse)).filter((line) => !line.startsWith('skipped'));
  expect(wrong).toEqual([
    'failure batch 2 of 3: Cluster on ctl03: restart cluster.service on ctl03',
    'error batch 2 of 3: Cluster on ctl03: halted on run',
  ]);
});

test('a secret in what a host has said is in neither file, whatever it looks like when it is escaped', async () => {
  const secret = 'S3cr<t&"|_*pw';
  // As long as what a terminal's table shows of it.
  const words = 'login as root of the database';
  const failure = new McpError('command-failed', `${words} with ${secret} | refused`, {
    host: 'ctl03',
    hint: `is ${secret} the password?`,
    cause: new Error(`mysql -p${secret}`),
    findings: [`ctl03: ${secret} is wrong`],
  });
  const events = haltedAtStep.map((event) => {
    if (event.type === 'step-failed') return { ...event, failure };
    return event.type === 'rollout-halted' ? { ...event, reason: failure } : event;
  });
  const { junit, markdown } = await written(events, failure, [secret]);
  for (const text of [junit, markdown]) {
    expect(text).toContain(words);
    expect(text).not.toMatch(/S3cr|\*pw|_\\\*pw/);
  }
});

test('the failure of a gate tells the findings that kept it closed, its code and its hint', async () => {
  const { tests } = await reportOn(haltedAtGate, gateFailure);
  const failures = (tests?.suites ?? []).flatMap(({ cases }) =>
    cases.flatMap(({ name, outcome }) => (outcome.kind === 'failure' ? [{ name, ...outcome }] : [])),
  );
  expect(failures).toMatchObject([{ name: 'gate after', type: 'degraded' }]);
  expect(failures[0]?.text).toContain('\nctl02: is joining');
  expect(failures[0]?.text).toContain('→ see `mcp status`');
  expect(failures[0]?.text).toContain('code: degraded');
});
