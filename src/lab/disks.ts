import { existsSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, run } from './command.ts';
import type { LabHost } from './description.ts';
import type { Progress } from './image.ts';
import { isMountPoint } from './mounts.ts';

/** A file system of its own that a host has at a folder: an image in the host's folder, which goes with it. */
interface Disk {
  /** Where the host sees it. */
  readonly path: string;
  readonly image: string;
  /** Where this machine has it mounted while the host is on. */
  readonly mount: string;
}

/** Where a host's images lie, for who saves them. */
export const disksFolder = ({ folder }: LabHost): string => join(folder, 'disks');

/**
 * Makes a new host's disks, with what its image has in these folders. Where this machine has no loop devices the host
 * does without, and keeps those folders in its own layer.
 */
export async function makeDisks(host: LabHost, imageRoot: string, progress: Progress): Promise<void> {
  for (const disk of wantedDisks(host)) {
    await mkdir(disksFolder(host), { recursive: true });
    await run(['truncate', `--size=${size}`, disk.image]);
    await run(['mkfs.ext4', '-q', '-F', ...formatting, disk.image]);
    if (await mount(disk)) {
      await fill(disk, join(imageRoot, disk.path));
      continue;
    }
    await rm(disk.image);
    progress(`${host.name} has no file system of its own at ${disk.path}: this machine mounts no images`);
  }
}

/** Mounts the disks that a host has, if they are not yet, before it boots. */
export async function mountDisks(host: LabHost): Promise<void> {
  for (const disk of disksOf(host)) {
    if (!(await isMountPoint(disk.mount))) await run(mountWords(disk));
  }
}

/** What systemd-nspawn is told of the disks that a host has. */
export const diskWords = (host: LabHost): readonly string[] =>
  disksOf(host).map(({ mount: folder, path }) => `--bind=${folder}:${path}`);

/** As large as a database with its cache, a copy of another's and some more need; what is not written takes no room. */
const size = '6G';

/** Nothing is written that need not be, and nothing is kept for root: what is free is free for the host's daemons. */
const formatting = [
  ...['-m', '0', '-N', '65536', '-J', 'size=32'],
  ...['-E', 'lazy_itable_init=0,lazy_journal_init=0,nodiscard'],
];

const disksOf = (host: LabHost): readonly Disk[] =>
  wantedDisks(host).filter(({ image }) => existsSync(image));

const wantedDisks = (host: LabHost): readonly Disk[] =>
  (host.disks ?? []).map((path) => {
    const name = path.slice(1).replaceAll('/', '-');
    return {
      path,
      image: join(disksFolder(host), `${name}.img`),
      mount: join(host.folder, 'mounted', name),
    };
  });

async function mount(disk: Disk): Promise<boolean> {
  await mkdir(disk.mount, { recursive: true });
  return (await attempt(mountWords(disk))).exitCode === 0;
}

const mountWords = ({ image, mount: folder }: Disk): readonly string[] => [
  ...['mount', '-t', 'ext4', '-o', 'loop,noatime'],
  ...[image, folder],
];

/** A package's own folder has its owner and its first files; an ext4 has a folder that a database would take for one of its own. */
async function fill({ mount: folder }: Disk, source: string): Promise<void> {
  await rm(join(folder, 'lost+found'), { recursive: true, force: true });
  if (!(await isFolder(source))) return;
  await run(['cp', '--archive', '--no-target-directory', source, folder]);
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
