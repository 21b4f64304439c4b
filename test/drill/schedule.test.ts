import { expect, test } from 'vitest';
import type { Attempt } from '../../src/drill/attempt.ts';
import { systemClock } from '../../src/drill/clock.ts';
import { startProbe } from '../../src/drill/load/schedule.ts';
import { type Probe, ProbeFailure } from '../../src/drill/probes/probe.ts';

test('attempts start on their schedule while the ones before them still hang', async () => {
  const attempts = await runFor(400, {
    attempt: () => new Promise(() => undefined),
    deadlineMilliseconds: 200,
  });
  expect(attempts.length).toBeGreaterThan(10);
  expect(attempts.every(({ failure }) => failure === 'timeout')).toBe(true);
});

test('a hanging attempt is told at its deadline to let go', async () => {
  let letGo = 0;
  await runFor(200, {
    attempt: (_number, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          letGo += 1;
          reject(new Error('let go'));
        });
      }),
    deadlineMilliseconds: 50,
  });
  expect(letGo).toBeGreaterThan(3);
});

test('the reason of a failure is counted, whatever is thrown', async () => {
  const reasons = [new ProbeFailure('http-503'), Object.assign(new Error('x'), { code: 'ECONNREFUSED' })];
  const attempts = await runFor(200, {
    attempt: async (number) => {
      throw reasons[number % reasons.length];
    },
    deadlineMilliseconds: 100,
  });
  expect(new Set(attempts.map(({ failure }) => failure))).toEqual(new Set(['http-503', 'refused']));
});

test('no more attempts are under way than allowed; the others are counted as dropped', async () => {
  let underWay = 0;
  let most = 0;
  const running = startProbe(
    {
      ...probe,
      deadlineMilliseconds: 300,
      attempt: async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await systemClock.sleep(150);
        underWay -= 1;
      },
    },
    { intervalMilliseconds: 10, maxInFlight: 3, clock: systemClock, onAttempt: () => undefined },
  );
  await systemClock.sleep(300);
  await running.stop();
  expect(most).toBe(3);
  expect(running.dropped).toBeGreaterThan(0);
});

const probe: Probe = {
  series: { name: 'sql', endpoint: 'sql' },
  deadlineMilliseconds: 100,
  attempt: async () => undefined,
  close: async () => undefined,
};

async function runFor(milliseconds: number, wanted: Partial<Probe>): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = [];
  const running = startProbe(
    { ...probe, ...wanted },
    {
      intervalMilliseconds: 20,
      maxInFlight: 80,
      clock: systemClock,
      onAttempt: (attempt) => attempts.push(attempt),
    },
  );
  await systemClock.sleep(milliseconds);
  await running.stop();
  return attempts;
}
