import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planChanges } from '../../src/plan/index.ts';
import { maskWith, planDiff } from '../../src/report/index.ts';
import { services } from '../../src/services/index.ts';
import { type Cloud, describeCloud } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { shippedInventory } from '../support/shipped-inventory.ts';
import { freshHost, observe, type SimulatedHost } from '../support/simulated-hosts.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-rotated-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The lab's inventory with secrets and certificates of its own. */
async function shipped(name: string): Promise<Cloud> {
  return describeCloud((await loadTopology(await shippedInventory(join(folder, name)))).topology);
}

/** Hosts that have every file of a cloud, edited. */
const having = ({ desired }: Cloud, edited: (text: string) => string) =>
  new Map(
    [...desired.hosts].map(([name, { services: described }]): [string, SimulatedHost] => {
      const files = described
        .flatMap(({ resources }) => resources)
        .flatMap((each) => (each.kind === 'file' ? [[each.path, each] as const] : []));
      return [
        name,
        {
          ...freshHost,
          files: new Map(files.map(([path, file]) => [path, { ...file, content: edited(file.content) }])),
        },
      ];
    }),
  );

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line.length >= 8);

test.each([
  ['the secrets alone', (text: string) => text],
  ['addresses beside them', (text: string) => text.replaceAll('10.77.0.', '10.99.0.')],
])(
  'of secrets that were all replaced, none of before is in the diff where what differs is %s',
  async (_what, edited) => {
    const [before, after] = [await shipped('before'), await shipped('after')];
    const observed = observe(having(before, edited), after.desired);
    const { topology, desired } = after;
    const plan = planChanges({ topology, services, desired, observed, overwriteDrift: true });
    expect(plan.changes.length).toBeGreaterThan(30);
    const own = [
      ...topology.secrets.values(),
      ...Object.values(topology.certificates.vips).map(({ key }) => key),
    ];
    const text = planDiff({ plan, desired, observed }, maskWith(own));
    const [earlier, known] = [before.topology, [...before.topology.secrets.values()]];
    const secret = [...known, ...Object.values(earlier.certificates.vips).map(({ key }) => key)].flatMap(
      (each) => lines(each.reveal()).filter((line) => !line.startsWith('-----')),
    );
    expect(secret.length).toBeGreaterThan(20);
    expect(secret.filter((each) => text.includes(each))).toEqual([]);
    // They were there to be found.
    expect(JSON.stringify([...having(before, edited)].map(([, host]) => [...host.files]))).toContain(
      secret[0],
    );
  },
);
