import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { buildImage } from '../../src/lab/image.ts';
import { labPackages } from '../../src/workflows/lab-packages.ts';
import { everyFileIsAccepted } from '../lab/support/accepted-files.ts';
import { onImage } from '../lab/support/checkers.ts';
import { root } from '../lab/support/mcp.ts';

const outside = join(root, '.lab/trixie-trees');
/** The card that the inventories name: some checkers want to see it. */
const cards = 'ip link add host0 type veth peer name other';
let image: string;

beforeAll(async () => {
  const lab = { directory: join(root, '.lab'), imageKind: 'stocked', release: 'trixie' } as const;
  ({ root: image } = await buildImage(lab, labPackages('trixie'), () => undefined));
  await mkdir(outside, { recursive: true });
}, 900_000);

afterAll(() => rm(outside, { recursive: true, force: true }));

everyFileIsAccepted('trixie', {
  outside,
  release: async () => 'trixie',
  isDeployed: false,
  run: (line) => onImage(image, outside)(`${cards} && ${line}`),
});
