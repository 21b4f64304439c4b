import { expect, test, vi } from 'vitest';
import { killedAt, oneHost, stageFor } from './crash.ts';

// Real shells on a machine that may be busy.
vi.setConfig({ testTimeout: 300_000 });

/** All points of all scenarios are in test/long/crash-points.test.ts: that takes half an hour. */
test('wherever the program is killed, the next run ends what it began, restarts nothing twice and leaves nothing', async () => {
  using stage = await stageFor(oneHost);
  const sample = [
    stage.points.findIndex(({ what }) => what.includes('begin the run')),
    stage.points.findLastIndex(({ kind, what }) => kind === 'unheard' && what.includes('restart cluster')),
    stage.points.findIndex(({ kind, what }) => kind === 'record' && what.includes('restart keeper')),
    stage.points.findIndex(({ what }) => what.includes('call its guard off')),
  ].flatMap((index) => stage.points[index] ?? []);
  expect(sample).toHaveLength(4);
  for (const point of sample) {
    expect(await killedAt(stage, point)).toMatchObject({ died: true, wrong: [] });
  }
});
