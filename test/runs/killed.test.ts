import { expect, test, vi } from 'vitest';
import type { Point } from '../crash/controller.ts';
import { killedAt, oneHost, stageFor } from '../crash/crash.ts';

// Real shells on a machine that may be busy.
vi.setConfig({ testTimeout: 300_000 });

/** All points of all scenarios are in test/long/crash-points.test.ts: that takes half an hour. */
test('wherever the program is killed, the next run ends what it began, restarts nothing twice and leaves nothing', async () => {
  using stage = await stageFor(oneHost);
  const at = (kind: Point['kind'], words: string): Point => {
    const point = stage.points.find((each) => each.kind === kind && each.what.includes(words));
    return point ?? { kind, what: `no ${words}` };
  };
  const deaths = [
    { point: at('record', 'files-staged'), undone: 0 },
    { point: at('unheard', 'restart cluster'), undone: 0 },
    // Its guard is armed, and nothing was begun under it: there is nothing to undo.
    { point: at('before', 'write /ctl03/etc/keeper.conf'), undone: 0 },
    { point: at('record', 'step-finished ctl03: restart keeper'), undone: 1 },
    // Everything is done, and nobody has told the host.
    { point: at('before', 'call its guard off'), undone: 1 },
  ];
  for (const { point, undone } of deaths) {
    expect(await killedAt(stage, point)).toMatchObject({ point, died: true, undone, wrong: [] });
  }
});
