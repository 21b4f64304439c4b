import { expect, test } from 'vitest';
import { drillReport } from '../../src/drill/report/drill-report.ts';
import { drillAsText } from '../../src/drill/report/drill-text.ts';
import { steadyReport } from '../../src/drill/report/steady-report.ts';
import { timelineAsText } from '../../src/drill/report/timeline-text.ts';
import type { Measured, TrialResult } from '../../src/drill/result.ts';
import { parseJournal } from '../../src/drill/timeline.ts';
import { junitAsXml, markdownAsText, maskWith } from '../../src/report/index.ts';
import { root } from '../support/golden.ts';

test('journal lines of all components become one timeline', () => {
  const text = [
    '1795394000.123456 Keepalived_vrrp[412]: (database) Entering MASTER STATE',
    '1795394000.5 haproxy[99]: Backup Server galera/ctl02 is DOWN, reason: Layer4 timeout',
    '2026-11-23 00:53:20.250000+00:00 [info] <0.413.0> rabbit on node rabbit@ctl01 down',
    'something else',
  ].join('\n');
  expect(parseJournal('ctl03', text)).toEqual([
    {
      at: 1_795_394_000_123,
      host: 'ctl03',
      source: 'Keepalived_vrrp',
      message: '(database) Entering MASTER STATE',
    },
    {
      at: 1_795_394_000_500,
      host: 'ctl03',
      source: 'haproxy',
      message: 'Backup Server galera/ctl02 is DOWN, reason: Layer4 timeout',
    },
    { at: 1_795_395_200_250, host: 'ctl03', source: 'rabbitmq', message: 'rabbit on node rabbit@ctl01 down' },
  ]);
});

test('a timeline counts from the fault', () => {
  const entry = { at: 10_550, host: 'ctl03', source: 'keepalived', message: 'Entering MASTER STATE' };
  expect(timelineAsText({ brokenAt: 10_000, timeline: [entry] })).toMatch(
    /\+ +0\.55 s +ctl03 +keepalived +Entering MASTER STATE/,
  );
});

test('a drill shows smallest, middle and largest outage of its repeats, and the verdict last', () => {
  const text = drillAsText({ verdict: 'PASS', trials: [trial(1, 1500), trial(2, 2500), trial(3, 2000)] });
  expect(text).toMatch(/sql +1\.50 s +2\.00 s +2\.50 s +4\.00 s/);
  expect(text).toContain('rows: 300 acknowledged, 0 lost');
  expect(text.split('\n').at(-1)).toBe('PASS  3 PASS');
});

test('what missed is shown with its reason and what the hosts said meanwhile', () => {
  const missed: TrialResult = {
    ...trial(2, 5000),
    verdict: 'FAIL',
    reasons: ['sql: outage 5.00 s, allowed 4.00 s'],
  };
  const text = drillAsText({ verdict: 'FAIL', trials: [trial(1, 1000), missed] });
  expect(text).toContain('✗ sql: outage 5.00 s, allowed 4.00 s');
  expect(text).toContain('Entering MASTER STATE');
});

test('a drill as test cases and as a document: what missed with its figures, what was given up as an error', async () => {
  const missed: TrialResult = {
    ...trial(2, 5000),
    verdict: 'FAIL',
    reasons: ['sql: outage 5.00 s, allowed 4.00 s'],
  };
  const givenUp: TrialResult = {
    ...{ fault: 'proxy-lost', title: 'a proxy is cut off', repeat: 1, targets: [] },
    ...{ verdict: 'ABORTED', reasons: ['a member is missing'], measured: undefined },
  };
  const report = drillReport({ verdict: 'ABORTED', trials: [trial(1, 1500), missed, givenUp] });
  const xml = report.tests ? junitAsXml(report.tests, maskWith([])) : '';
  await expect(xml).toMatchFileSnapshot(`${root}/test/golden/reports/drill.xml`);
  await expect(markdownAsText(report.document, maskWith([]))).toMatchFileSnapshot(
    `${root}/test/golden/reports/drill.md`,
  );
});

test('a run with nothing broken is one case', () => {
  const { series, rows, messages, punctuality } = measured(0);
  const seen = { series, rows, messages, punctuality };
  const outcomes = (['PASS', 'FAIL', 'INVALID'] as const).map((verdict) => {
    const reasons = verdict === 'PASS' ? [] : ['vip database moved to ctl02'];
    const { tests } = steadyReport({ verdict, reasons, ...seen }, 600);
    return tests?.suites.flatMap(({ cases }) => cases.map(({ outcome }) => outcome));
  });
  expect(outcomes).toMatchObject([
    [{ kind: 'passed' }],
    [{ kind: 'failure', message: 'vip database moved to ctl02' }],
    [{ kind: 'error', type: 'INVALID' }],
  ]);
});

const trial = (repeat: number, outageMilliseconds: number): TrialResult => ({
  fault: 'writer-killed',
  title: 'the writer is killed',
  repeat,
  targets: ['ctl01'],
  verdict: 'PASS',
  reasons: [],
  measured: measured(outageMilliseconds),
});

const measured = (outageMilliseconds: number): Measured => ({
  brokenAt: 1000,
  series: [
    {
      name: 'sql',
      endpoint: 'sql',
      attempts: 500,
      failed: 40,
      failures: { timeout: 40 },
      outageMilliseconds,
      secondOutageMilliseconds: 0,
      longestSilenceMilliseconds: outageMilliseconds,
      p99Milliseconds: 80,
      budgetMilliseconds: 4000,
      secondBudgetMilliseconds: 1500,
    },
  ],
  rows: { acknowledged: 100, lost: [], unexpected: [], diverging: [], resolved: 0 },
  messages: { confirmed: 100, lost: [], unexpected: [], duplicates: 0, resolved: 0 },
  writers: [{ writer: 'ctl02', rows: 100 }],
  punctuality: { attempts: 500, late: 0, tooLate: 0, inconclusive: 0, worstLagMilliseconds: 4, dropped: 0 },
  healthyAfterSeconds: 21,
  timeline: [{ at: 1500, host: 'ctl03', source: 'Keepalived_vrrp', message: 'Entering MASTER STATE' }],
});
