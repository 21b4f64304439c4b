import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { buildImage } from '../../src/lab/image.ts';
import { labPackages } from '../../src/workflows/lab-packages.ts';
import { type CheckingSystem, everyFileIsAccepted, trees } from '../lab/support/accepted-files.ts';
import { command, root } from '../lab/support/mcp.ts';

/** Nothing is booted: the checkers run on the image itself, in a namespace of their own, and what they write is forgotten. */
const outside = join(root, '.lab/trixie-trees');
/** The card that the inventories name: some checkers want to see it. */
const cards = 'ip link add host0 type veth peer name other';
let image: string;
const system: CheckingSystem = {
  outside,
  release: async () => 'trixie',
  isDeployed: false,
  run: (line) =>
    command('systemd-nspawn', [
      ...['-q', '--register=no', '--keep-unit', '--private-network', '--volatile=overlay', '--pipe'],
      ...['-D', image, `--bind=${outside}:${trees}`, '/bin/sh', '-c', `${cards} && ${line}`],
    ]),
};

beforeAll(async () => {
  const lab = { directory: join(root, '.lab'), imageKind: 'stocked', release: 'trixie' } as const;
  ({ root: image } = await buildImage(lab, labPackages, () => undefined));
  await mkdir(outside, { recursive: true });
}, 900_000);

afterAll(() => rm(outside, { recursive: true, force: true }));

everyFileIsAccepted('trixie', system);
