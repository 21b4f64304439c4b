import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildImage } from '../../src/lab/image.ts';
import { labPackages } from '../../src/workflows/lab-packages.ts';
import { trees } from '../lab/support/accepted-files.ts';
import { drawnFiles, writeScript } from '../lab/support/drawn-files.ts';
import { command, root } from '../lab/support/mcp.ts';

/** Nothing is booted: the checkers run on the image itself, in one namespace for all, and what they write is forgotten. */
const outside = join(root, '.lab/drawn-trees');

afterAll(() => rm(outside, { recursive: true, force: true }));

test.each(['bookworm', 'trixie'] as const)(
  'the services of %s accept all files of 200 inventories that are drawn at random',
  async (release) => {
    await rm(outside, { recursive: true, force: true });
    await mkdir(outside, { recursive: true });
    const lab = { directory: join(root, '.lab'), imageKind: 'stocked', release } as const;
    const { root: image } = await buildImage(lab, labPackages, () => undefined);
    const seed = Number(process.env['MCP_SEED'] ?? Date.now() % 2 ** 31);
    const questions = await drawnFiles(outside, { release, count: 200, seed });
    expect(questions.inventories).toHaveLength(200);
    // Who asks the same again is not counted: three new questions an inventory, or the drawing has become poor.
    expect(questions.asked).toBeGreaterThan(600);
    await writeScript(join(outside, 'ask.sh'), questions);
    const { exitCode, stdout } = await command('systemd-nspawn', [
      ...['-q', '--register=no', '--keep-unit', '--private-network', '--volatile=overlay', '--pipe'],
      ...['-D', image, `--bind=${outside}:${trees}`, '/bin/sh', '-c', `. ${trees}/ask.sh; echo asked`],
    ]);
    const refused = stdout.split('\n').filter((line) => line.startsWith('refused'));
    const guilty = refused
      .slice(0, 3)
      .map((line) => questions.inventories[Number(/ of (\d+)\//.exec(line)?.[1])]);
    expect(refused, `seed ${seed}: ${guilty.join('\n')}`).toEqual([]);
    expect([exitCode, stdout.trimEnd().split('\n').at(-1)]).toEqual([0, 'asked']);
  },
  1_800_000,
);
