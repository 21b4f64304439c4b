import { expect, test } from 'vitest';
import { harmedRuns, inWords, measure } from '../network/harmed-runs.ts';
import { drawPoints } from '../network/points.ts';

/** Each kind of harm once, at the same bytes each time; `test/long/network.test.ts` draws from all. */
test('whatever befalls the wire, a run ends, and the next one finds on record what was done', {
  timeout: 600_000,
}, async () => {
  const points = drawPoints(6, { seed: 24, talks: await measure(['change']) });
  const verdicts = await harmedRuns(points, { atOnce: 3 });
  expect(verdicts).toHaveLength(points.length);
  expect(verdicts.filter(({ complaints }) => complaints.length > 0).map(inWords)).toEqual([]);
});
