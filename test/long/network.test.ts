import { expect, test } from 'vitest';
import { harmedRuns, inWords, measure, tableOf } from '../network/harmed-runs.ts';
import { drawPoints, stories } from '../network/points.ts';

/**
 * `MCP_NETWORK_SEED`, `MCP_NETWORK_POINTS` and `MCP_NETWORK_AT_ONCE` say which points, how many, and how many at a time;
 * `MCP_NETWORK_ONLY=17,18` goes through some of them again.
 */
const wish = (name: string, otherwise: number): number =>
  Number(process.env[`MCP_NETWORK_${name}`] ?? otherwise);
const seed = wish('SEED', Date.now() % 1_000_000);
const only = process.env['MCP_NETWORK_ONLY']?.split(',').map(Number);

// Hours on a machine that has other work.
test('wherever the wire is harmed, a run ends, and the next one finds on record what was done', {
  timeout: 6 * 3_600_000,
}, async () => {
  const talks = await measure(stories);
  console.log(`MCP_NETWORK_SEED=${seed}`);
  for (const [story, { bytes, turns }] of talks)
    console.log(
      `${story}: ${bytes['to-host']} bytes there, ${bytes['to-client']} back, ${turns.length} turns`,
    );
  const points = drawPoints(wish('POINTS', 500), { seed, talks }).filter(
    ({ number }) => only?.includes(number) ?? true,
  );
  const verdicts = await harmedRuns(points, {
    atOnce: wish('AT_ONCE', 4),
    tell: (verdict) => console.log(inWords(verdict)),
  });
  console.log(tableOf(verdicts));
  expect(verdicts.filter(({ complaints }) => complaints.length > 0).map(inWords)).toEqual([]);
});
