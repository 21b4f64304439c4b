import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { deployedLab, leaveLab } from '../lab/support/deployed.ts';
import { type LabOf, labOf } from '../lab/support/mcp.ts';
import {
  everyHost,
  hostsNow,
  narrow,
  type RollingChange,
  rollingChange,
} from '../lab/support/rolling-change.ts';
import { publicSeat } from '../lab/support/seat.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { deployThroughWires, type HarmedWire, type WiredDeploy } from '../lab/support/wired-deploy.ts';
import type { Fault, Harm } from '../support/wire.ts';

const inventory = 'inventories/lab.yaml';
const lab: LabOf = labOf(inventory);
const seed = Number(process.env['MCP_NETWORK_SEED'] ?? randomInt(2 ** 31));
const points = Number(process.env['MCP_NETWORK_POINTS'] ?? 20);
/** Apart from those of deploys that are killed. */
let mark = 500;

// Two runs and a look for each of them, one of which may wait for what says nothing any more.
vi.setConfig({ testTimeout: (points + 10) * 300_000 });

const harms: readonly Harm[] = [
  { kind: 'reset' },
  { kind: 'half-open' },
  { kind: 'stall', milliseconds: 60_000 },
  { kind: 'close' },
  { kind: 'delay', milliseconds: 200 },
  { kind: 'byte-by-byte' },
];

beforeAll(async () => {
  await deployedLab(inventory);
  await awaitHealthy(lab, 300);
});
afterAll(() => leaveLab(lab));

const through = (variant: LabOf, harmed?: HarmedWire): Promise<WiredDeploy> =>
  deployThroughWires({ inventory: variant.inventory, namespace: publicSeat.namespace }, harmed);

test('wherever the wire to a host is harmed, a deploy ends, and the next one completes what was not done and repeats nothing', async () => {
  mark += 1;
  const sound = await rollingChange(mark, narrow);
  const since = await hostsNow(lab);
  const whole = await through(sound.lab);
  expect(whole).toMatchObject({ outcome: 'done' });
  expect(await sound.wrong(since)).toEqual([]);
  console.log(`MCP_NETWORK_SEED=${seed}: ${whole.seconds} s, ${JSON.stringify(whole.bytes)}`);
  const places = placesIn(whole);
  const complaints: string[] = [];
  for (const [index, place] of places.entries()) {
    mark += 1;
    const harm = harms[index % harms.length] ?? { kind: 'reset' };
    const { inWords, wrong } = await harmed(await rollingChange(mark, narrow), place, harm);
    console.log(`${index + 1}: ${inWords}: ${wrong.join('; ') || 'well'}`);
    complaints.push(...wrong);
    if (wrong.length > 0) await awaitHealthy(lab, 300);
  }
  expect(complaints).toEqual([]);
});

interface Place {
  readonly host: string;
  readonly direction: Fault['direction'];
  readonly at: number;
}

const directions: readonly Fault['direction'][] = ['to-host', 'to-client'];

/** Drawn from all bytes that a run exchanges with its hosts, each host as likely as another. */
const placesIn = ({ bytes }: WiredDeploy): readonly Place[] =>
  fc.sample(
    fc
      .tuple(fc.constantFrom(...everyHost), fc.constantFrom(...directions))
      .chain(([host, direction]) =>
        fc
          .integer({ min: 0, max: (bytes[host]?.[direction] ?? 1) - 1 })
          .map((at): Place => ({ host, direction, at })),
      ),
    { numRuns: points, seed },
  );

/** A deploy that is harmed at a place, the next one over a sound wire, and what is not as it must be then. */
async function harmed(change: RollingChange, { host, direction, at }: Place, harm: Harm) {
  const begin = await hostsNow(lab);
  const fault = { harm, direction, at };
  const { outcome, words, seconds, isStruck } = await through(change.lab, { host, fault });
  const early = outcome === 'done' ? await change.wrong(begin) : [];
  const next = await change.lab.mcp('deploy', '--yes', '--lock-wait', '5m');
  const came = isStruck ? outcome : `${outcome}, not reached`;
  return {
    inWords: `${harm.kind} at byte ${at} ${direction} ${host}: ${came}, ${seconds} s, ${words.split('\n')[0]}`,
    wrong: [
      ...(outcome === 'bug' ? [words] : []),
      ...early.map((each) => `it told that it was done, and ${each}`),
      ...(next.exitCode === 0 ? [] : [`the next deploy exits ${next.exitCode}:\n${next.output}`]),
      ...(await change.wrong(begin)),
    ],
  };
}
