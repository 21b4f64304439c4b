import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildImage } from '../../src/lab/image.ts';
import { releases } from '../../src/model/release.ts';
import { labPackages } from '../../src/workflows/lab-packages.ts';
import { onImage, refusals } from '../lab/support/checkers.ts';
import { drawnFiles } from '../lab/support/drawn-files.ts';
import { root } from '../lab/support/mcp.ts';

const outside = join(root, '.lab/drawn-trees');

afterAll(() => rm(outside, { recursive: true, force: true }));

test.each(releases)(
  'the services of %s accept all files of 200 inventories that are drawn at random',
  async (release) => {
    await rm(outside, { recursive: true, force: true });
    await mkdir(outside, { recursive: true });
    const lab = { directory: join(root, '.lab'), imageKind: 'stocked', release } as const;
    const { root: image } = await buildImage(lab, labPackages(release), () => undefined);
    const seed = Number(process.env['MCP_SEED'] ?? Date.now() % 2 ** 31);
    const drawn = await drawnFiles(outside, { release, count: 200, seed });
    expect(drawn.inventories).toHaveLength(200);
    // Who asks the same again is not counted: three new questions an inventory, or the drawing has become poor.
    expect(drawn.questions.length).toBeGreaterThan(600);
    const links = drawn.cards.map(
      (card, index) => `ip link add '${card}' type veth peer name 'other${index}'`,
    );
    const refused = await refusals({ outside, run: onImage(image, outside) }, drawn.questions, links);
    const guilty = refused
      .slice(0, 3)
      .map((line) => drawn.inventories[Number(/ of (\d+)\//.exec(line)?.[1])]);
    expect(refused, `seed ${seed}: ${guilty.join('\n')}`).toEqual([]);
  },
  1_800_000,
);
