import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { buildImage } from '../../src/lab/image.ts';
import { releases, usualRelease } from '../../src/model/release.ts';
import { labPackages } from '../../src/workflows/lab-packages.ts';
import { everyFileIsAccepted } from '../lab/support/accepted-files.ts';
import { onImage } from '../lab/support/checkers.ts';
import { root } from '../lab/support/mcp.ts';

/** The one whose files the tests of the lab don't meet: they judge those of the release that its hosts run. */
const onTheLab = process.env['RELEASE'] || usualRelease;
const [release = usualRelease] = releases.filter((each) => each !== onTheLab);

const outside = join(root, '.lab/other-trees');
/** The card that the inventories name: some checkers want to see it. */
const cards = 'ip link add host0 type veth peer name other';
let image: string;

beforeAll(async () => {
  const lab = { directory: join(root, '.lab'), imageKind: 'stocked', release } as const;
  ({ root: image } = await buildImage(lab, labPackages(release), () => undefined));
  await mkdir(outside, { recursive: true });
}, 900_000);

afterAll(() => rm(outside, { recursive: true, force: true }));

everyFileIsAccepted(release, {
  outside,
  release: async () => release,
  isDeployed: false,
  run: (line) => onImage(image, outside)(`${cards} && ${line}`),
});
