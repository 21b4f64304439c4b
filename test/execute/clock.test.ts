import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/execute/run-context.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('setting the clock of the controller makes no deadline come sooner or later, and is seen in what is recorded', () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const [began, beganAt] = [systemClock.now(), systemClock.wallClock()];
  vi.setSystemTime(beganAt + 3_600_000);
  expect(systemClock.now() - began).toBeLessThan(60_000);
  expect(systemClock.wallClock() - beganAt).toBeGreaterThanOrEqual(3_600_000);
});
