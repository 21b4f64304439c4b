import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { Point } from '../crash/controller.ts';
import { killedAt, type Scenario, type Stage, scenarios, stageFor, type Verdict } from '../crash/crash.ts';
import { strikeForReal } from '../crash/real-death.ts';

vi.setConfig({ testTimeout: 6 * 60 * 60_000 });

/**
 * `MCP_CRASH_EVERY=20` plays one point of twenty, `MCP_CRASH_POINT=guard` those that say so, and `MCP_CRASH_SEED` repeats the
 * random ones of an earlier run.
 */
const only = new RegExp(process.env['MCP_CRASH_POINT'] ?? '');
const every = Number(process.env['MCP_CRASH_EVERY'] ?? 1);
const seed = Number(process.env['MCP_CRASH_SEED'] ?? randomInt(2 ** 31));

/** How long a host has been at what it was sent, when that is cut off or goes on unheard. */
const delays = [0, 5, 10, 20, 40];

test.each(scenarios)('wherever $name is killed, the next run completes it', async (scenario) => {
  const verdicts = await onLanes(scenario, ({ points }) =>
    chosen(points, every).map((point) => (stage) => killedAt(stage, point)),
  );
  tell(scenario.name, verdicts);
  expect(verdicts.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
});

test.each(scenarios)(
  '$name is completed though the run that takes it up is killed as well',
  async (scenario) => {
    const verdicts = await onLanes(scenario, ({ points }) =>
      atRandom(points, Math.ceil(points.length / 20 / every)).map(
        ([point, dieAgainAfter]) =>
          (stage) =>
            killedAt(stage, point, { dieAgainAfter }),
      ),
    );
    tell(`${scenario.name}, killed twice (seed ${seed})`, verdicts);
    expect(verdicts.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
  },
);

test('a program that is killed for real leaves no more than one that dies within this process', async () => {
  for (const scenario of scenarios) {
    const verdicts = await onLanes(scenario, ({ points }) => {
      // Hosts that end what they were at would need somebody who outlives the program to tell them.
      const real = points.filter(({ kind }) => kind !== 'cut-off');
      return chosen(real, Math.ceil(real.length / 5)).map(
        (point) => (stage) => killedAt(stage, point, { strike: strikeForReal }),
      );
    });
    tell(`${scenario.name}, by SIGKILL`, verdicts);
    expect(verdicts.filter(({ wrong, died }) => wrong.length > 0 || !died)).toEqual([]);
  }
});

type Play = (stage: Stage) => Promise<Verdict>;

/** As many clouds as there are processors; what is to be played on them is decided by what the first one shows. */
async function onLanes(
  scenario: Scenario,
  plays: (stage: Stage) => readonly Play[],
): Promise<readonly Verdict[]> {
  const first = await stageFor(scenario);
  const queue = [...plays(first)];
  const lane = async (stage: Stage): Promise<readonly Verdict[]> => {
    using on = stage;
    const verdicts: Verdict[] = [];
    for (let play = queue.shift(); play !== undefined; play = queue.shift()) verdicts.push(await play(on));
    return verdicts;
  };
  const others = Array.from({ length: availableParallelism() - 1 }, async () =>
    lane(await stageFor(scenario)),
  );
  return (await Promise.all([lane(first), ...others])).flat();
}

const chosen = (points: readonly Point[], step: number): readonly Point[] =>
  points
    .map((point, index) => ({ ...point, milliseconds: delays[index % delays.length] ?? 0 }))
    .filter(({ kind, what }) => only.test(`${kind} ${what}`))
    .filter((_point, index) => index % step === Math.floor(step / 2));

/** Points, each with how far the run that takes up comes. */
const atRandom = (points: readonly Point[], count: number): readonly (readonly [Point, number])[] =>
  fc.sample(fc.tuple(fc.constantFrom(...chosen(points, 1)), fc.integer({ min: 1, max: points.length })), {
    numRuns: count,
    seed,
  });

function tell(name: string, verdicts: readonly Verdict[]): void {
  const of = (matches: (verdict: Verdict) => boolean): number => verdicts.filter(matches).length;
  const kinds = ['record', 'before', 'unheard', 'cut-off'].map(
    (kind) => `${of(({ point }) => point.kind === kind)} ${kind}`,
  );
  for (const verdict of verdicts.filter(({ wrong }) => wrong.length > 0))
    console.log(JSON.stringify(verdict));
  console.log(
    `${name}: ${verdicts.length} points (${kinds.join(', ')}), ${of(({ wrong }) => wrong.length > 0)} wrong; ` +
      `not come to ${of(({ died }) => !died)}, next run refused first ${of(({ refused }) => refused > 0)}, ` +
      `undone by a guard ${of(({ undone }) => undone > 0)}, a task done again ${of(({ repeatedTasks }) => repeatedTasks > 0)}`,
  );
}
