import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, run } from './command.ts';
import type { LabHost } from './description.ts';

export interface Layers {
  /** Root file system of the image, shared by all hosts and never written. */
  readonly image: string;
  /** What a host changed. */
  readonly upper: string;
  readonly work: string;
  /** Where the two are seen as one. */
  readonly root: string;
}

export const layersOf = (host: LabHost, image: string): Layers => ({
  image,
  upper: join(host.folder, 'upper'),
  work: join(host.folder, 'work'),
  root: join(host.folder, 'root'),
});

/** Mounts a host's own layer over the image, if it is not yet. */
export async function mountRoot({ image, upper, work, root }: Layers): Promise<void> {
  if ((await mountsBelow(root)).length > 0) return;
  await Promise.all([upper, work, root].map((folder) => mkdir(folder, { recursive: true })));
  const options = `lowerdir=${image},upperdir=${upper},workdir=${work}`;
  await run(['mount', '-t', 'overlay', 'mcp-lab', '-o', options, root]);
}

/** Unmounts whatever is mounted at a folder or below it, innermost first. */
export async function unmountBelow(folder: string): Promise<void> {
  for (const mount of (await mountsBelow(folder)).toReversed()) {
    const { exitCode } = await attempt(['umount', mount]);
    // A mount that something still looks into vanishes from here now, and wholly when that something ends.
    if (exitCode !== 0) await run(['umount', '--lazy', mount]);
  }
}

export const isMountPoint = async (folder: string): Promise<boolean> =>
  (await mountsBelow(folder)).includes(folder);

/** Mount points at a folder or below it, in the order in which they were mounted. */
async function mountsBelow(folder: string): Promise<readonly string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return mountPointsIn(table).filter((mount) => mount === folder || mount.startsWith(`${folder}/`));
}

/** The mount points that a mountinfo table lists, with its octal escapes undone. */
export const mountPointsIn = (table: string): readonly string[] =>
  table
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((mount) => mount !== '')
    .map((mount) =>
      mount.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    );
