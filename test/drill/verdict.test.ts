import { describe, expect, test } from 'vitest';
import type { SeriesResult } from '../../src/drill/summary.ts';
import { type Evidence, judgeTrial, worstOf } from '../../src/drill/verdict.ts';

describe('a trial', () => {
  test('passes when outages are within what is allowed and nothing was lost', () => {
    expect(judgeTrial(evidence())).toEqual({ verdict: 'PASS', reasons: [] });
  });

  test('fails on an outage that is too long, and names endpoint, time and limit', () => {
    const series = [sql({ outageMilliseconds: 4100 })];
    expect(judgeTrial(evidence({ series }))).toEqual({
      verdict: 'FAIL',
      reasons: ['sql: outage 4.10 s, allowed 4.00 s'],
    });
  });

  test('fails on a second outage that is too long', () => {
    const series = [sql({ secondOutageMilliseconds: 1600 })];
    expect(judgeTrial(evidence({ series })).verdict).toBe('FAIL');
  });

  test('fails when anything acknowledged is gone, however short the outage', () => {
    const rows = { ...noRows, lost: [{ number: 7, missingOn: ['ctl02'] }] };
    expect(judgeTrial(evidence({ rows })).reasons).toEqual(['LOST 1 acknowledged rows: 7 (not on ctl02)']);
    const messages = { ...noMessages, lost: [1, 2] };
    expect(judgeTrial(evidence({ messages })).reasons).toEqual(['LOST 2 confirmed messages: 1, 2']);
  });

  test('fails when two members took writes in turns, and not when the writer moved once', () => {
    const once = [run('ctl01'), run('ctl02')];
    expect(judgeTrial(evidence({ writers: once })).verdict).toBe('PASS');
    const mixed = [run('ctl01'), run('ctl02'), run('ctl01'), run('ctl02')];
    expect(judgeTrial(evidence({ writers: mixed })).verdict).toBe('FAIL');
  });

  test('fails when something was left behind', () => {
    expect(judgeTrial(evidence({ residue: ['ctl01 still has mcp-drill-heal.timer'] })).verdict).toBe('FAIL');
  });

  test('is invalid when its own checkers are blind, whatever they found', () => {
    expect(judgeTrial(evidence({ sawPlantedLoss: { rows: false, messages: true } })).verdict).toBe('INVALID');
    expect(judgeTrial(evidence({ sawPlantedLoss: { rows: true, messages: false } })).verdict).toBe('INVALID');
  });

  test('is invalid when an endpoint never answered after the fault, or the probe could not keep up', () => {
    expect(judgeTrial(evidence({ answeredAfterFault: { sql: 0 } })).verdict).toBe('INVALID');
    expect(judgeTrial(evidence({ punctuality: { ...punctual, dropped: 50 } })).verdict).toBe('INVALID');
    expect(judgeTrial(evidence({ punctuality: { ...punctual, tooLate: 100 } })).verdict).toBe('INVALID');
  });
});

test('the verdict of a drill is the worst of its trials, and no trial at all proves nothing', () => {
  expect(worstOf(['PASS', 'FAIL', 'PASS'])).toBe('FAIL');
  expect(worstOf(['FAIL', 'INVALID'])).toBe('INVALID');
  expect(worstOf([])).toBe('INVALID');
});

const noRows = { acknowledged: 100, lost: [], unexpected: [], diverging: [], resolved: 0 };
const noMessages = { confirmed: 100, lost: [], unexpected: [], duplicates: 0, resolved: 0 };
const punctual = {
  attempts: 1000,
  late: 0,
  tooLate: 0,
  inconclusive: 0,
  worstLagMilliseconds: 3,
  dropped: 0,
};
const run = (writer: string) => ({ writer, rows: 10 });

const sql = (wanted: Partial<SeriesResult> = {}): SeriesResult => ({
  name: 'sql',
  endpoint: 'sql',
  attempts: 1000,
  failed: 50,
  failures: { timeout: 50 },
  outageMilliseconds: 2500,
  secondOutageMilliseconds: 0,
  longestSilenceMilliseconds: 0,
  p99Milliseconds: 40,
  budgetMilliseconds: 4000,
  secondBudgetMilliseconds: 1500,
  ...wanted,
});

const evidence = (wanted: Partial<Evidence> = {}): Evidence => ({
  series: [sql()],
  answeredAfterFault: { sql: 900 },
  punctuality: punctual,
  rows: noRows,
  messages: noMessages,
  sawPlantedLoss: { rows: true, messages: true },
  writers: [run('ctl01')],
  residue: [],
  ...wanted,
});
