import { expect, test } from 'vitest';
import { harmedRuns, inWords, measure } from './harmed-runs.ts';
import { drawPoints } from './points.ts';

/** A few points of all those that `test/long/network.test.ts` goes through; the same each time. */
const seed = 24;

test('whatever befalls the wire, a run ends, and the next one finds on record what was done', async () => {
  const points = drawPoints(12, { seed, talks: await measure() });
  const verdicts = await harmedRuns(points, { atOnce: 6 });
  expect(verdicts).toHaveLength(points.length);
  expect(verdicts.filter(({ complaints }) => complaints.length > 0).map(inWords)).toEqual([]);
});
