import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Attempt } from '../../src/drill/attempt.ts';
import { longestSilence, outagesOf, splitOutages, usualRule } from '../../src/drill/outage.ts';

describe('an outage', () => {
  test('lasts from the start of the first failed attempt to the start of the first of five that succeed', () => {
    expect(outagesOf(attempts('.....xxxx.....'))).toEqual([{ from: 250, until: 450, open: false }]);
  });

  test('does not end with a run of successes that is too short', () => {
    expect(outagesOf(attempts('..xx....x......'))).toEqual([{ from: 100, until: 450, open: false }]);
  });

  test('is open when the probe ended before the endpoint was back', () => {
    expect(outagesOf(attempts('...xx..'))).toEqual([{ from: 150, until: 310, open: true }]);
  });

  test('is as long as nothing was answered around it, though some attempts were served in the end', () => {
    const stalled = attempts('....xxxxxxxxxx........................').map((attempt) =>
      attempt.startedAt >= 700 && attempt.startedAt < 1000 ? { ...attempt, endedAt: 1005 } : attempt,
    );
    expect(outagesOf(stalled)).toEqual([{ from: 200, until: 955, open: false }]);
  });

  test('is not what only made clients wait; how long they waited is known', () => {
    const slow = attempts('..............................').map((attempt) =>
      attempt.startedAt >= 200 && attempt.startedAt < 1000 ? { ...attempt, endedAt: 1005 } : attempt,
    );
    expect(outagesOf(slow)).toEqual([]);
    expect(longestSilence(slow)).toBe(755);
  });

  test('and silence are not claimed for a time in which this process itself stood still', () => {
    const paused = attempts('..............................').filter(
      ({ startedAt }) => startedAt < 200 || startedAt >= 1000,
    );
    expect(longestSilence(paused)).toBe(0);
    const woken = attempts('....xx........').map((attempt) =>
      attempt.failure === undefined ? attempt : { ...attempt, inconclusive: true as const },
    );
    expect(outagesOf(woken)).toEqual([]);
  });

  test('never appears where everything succeeded at once, and covers every failed attempt', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (successes) => {
        const all = attempts(successes.map((success) => (success ? '.' : 'x')).join(''));
        const outages = outagesOf(all);
        for (const { startedAt, failure } of all) {
          const covered = outages.some(({ from, until }) => startedAt >= from && startedAt <= until);
          if (failure !== undefined) expect(covered).toBe(true);
        }
        if (successes.every(Boolean)) expect(outages).toEqual([]);
        outages.slice(1).forEach((outage, index) => {
          expect(outage.from).toBeGreaterThan(outages[index]?.until ?? 0);
        });
      }),
    );
  });

  test('is found whatever the order in which answers came in', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...attempts('....xxxx.......x.......')], { minLength: 23 }),
        (shuffled) => {
          expect(outagesOf(shuffled)).toEqual(outagesOf(attempts('....xxxx.......x.......')));
        },
      ),
    );
  });
});

describe('the outage of a fault and the second one', () => {
  test('are told apart by whether the endpoint had been back for a while', () => {
    const outages = [
      { from: 0, until: 500, open: false },
      { from: 1500, until: 2000, open: false },
      { from: 9000, until: 9400, open: false },
      { from: 12_000, until: 12_900, open: false },
    ];
    expect(splitOutages(outages, 2000)).toEqual({ firstMilliseconds: 1000, secondMilliseconds: 900 });
  });

  test('are zero where nothing failed', () => {
    expect(splitOutages([], 2000)).toEqual({ firstMilliseconds: 0, secondMilliseconds: 0 });
  });
});

/** One attempt each 50 ms, answered after 10 ms: `.` succeeded, `x` failed. */
function attempts(pattern: string): readonly Attempt[] {
  return [...pattern].map((mark, number) => {
    const scheduledAt = number * usualRule.intervalMilliseconds;
    return {
      series: 'sql',
      number,
      scheduledAt,
      startedAt: scheduledAt,
      endedAt: scheduledAt + 10,
      failure: mark === 'x' ? 'refused' : undefined,
    };
  });
}
