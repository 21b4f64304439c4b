import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { McpError } from '../model/failure.ts';
import { environment, run } from './command.ts';
import type { LabDescription } from './description.ts';
import { buildWords, type ImageRecipe, imageName, recipeFor } from './image-recipe.ts';
import { mirrorsIn, sourceLines } from './mirrors.ts';
import { unmountBelow } from './mounts.ts';

export interface ImagePaths {
  readonly name: string;
  readonly root: string;
  /** Folder of .deb files with their index, mounted read-only into every host. */
  readonly repository: string;
}

/** What of a lab decides about its image. */
type ImageOfLab = Pick<LabDescription, 'directory' | 'imageKind' | 'release' | 'extras'>;

/** Says what is being done and for how long it has been, while something takes long. */
export type Progress = (stage: string) => void;

export const imagesFolder = (lab: Pick<LabDescription, 'directory'>): string => join(lab.directory, 'images');

/** The image that a lab's hosts should have; undefined when it has yet to be built. */
export function findImage(lab: ImageOfLab, packages: readonly string[]): ImagePaths | undefined {
  const paths = imagePaths(lab, packages);
  return existsSync(paths.root) && existsSync(paths.repository) ? paths : undefined;
}

/** Builds the images that are missing, a few minutes the first time. The caller holds the lock of the images' folder. */
export async function buildImage(
  lab: ImageOfLab,
  packages: readonly string[],
  progress: Progress,
): Promise<ImagePaths> {
  const { hosts, repository } = recipesOf(lab, packages);
  for (const recipe of [repository, hosts]) await build(imagesFolder(lab), recipe, progress);
  return imagePaths(lab, packages);
}

/**
 * What the hosts are made from, and what their packages come from: the bare image installs from the repository that the
 * stocked one's packages make, and what an inventory wants its bare hosts to have besides is no reason for another of those.
 */
function recipesOf({ imageKind, release, extras }: ImageOfLab, packages: readonly string[]) {
  const hosts = recipeFor(imageKind, release, packages, extras);
  return { hosts, repository: imageKind === 'bare' ? recipeFor('stocked', release, packages) : hosts };
}

/** Where an image's parts are. */
function imagePaths(lab: ImageOfLab, packages: readonly string[]): ImagePaths {
  const recipes = recipesOf(lab, packages);
  const [name, stocked] = [imageName(recipes.hosts), imageName(recipes.repository)];
  return {
    name,
    root: join(imagesFolder(lab), name, 'root'),
    repository: join(imagesFolder(lab), stocked, 'repository'),
  };
}

/** Removes half-built and whole images, but for those whose names are given. */
export async function removeImages(lab: LabDescription, inUse: ReadonlySet<string>): Promise<void> {
  const folder = imagesFolder(lab);
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => !inUse.has(each))) await discard(join(folder, name));
}

async function build(folder: string, recipe: ImageRecipe, progress: Progress): Promise<void> {
  const finished = join(folder, imageName(recipe));
  if (existsSync(finished)) return;
  const draft = `${finished}.building`;
  await discard(draft);
  await mkdir(join(draft, 'repository'), { recursive: true });
  progress(
    `building the ${recipe.kind} image of Debian ${recipe.release}, ${recipe.packages.length} packages by name`,
  );
  await bootstrapAtMostTwice(recipe, { root: join(draft, 'root'), log: `${finished}.log` }, progress);
  progress('making the repository of its packages');
  await moveToRepository(join(draft, 'root/var/cache/apt/archives'), join(draft, 'repository'));
  await writeFile(join(draft, 'packages'), `${recipe.packages.join('\n')}\n`);
  await rename(draft, finished);
}

/** Removes an image's folder; what a killed build left mounted in it goes first, or we would delete through it. */
async function discard(folder: string): Promise<void> {
  await unmountBelow(folder);
  await rm(folder, { recursive: true, force: true });
}

interface Bootstrapped {
  readonly root: string;
  /** All that a build that failed said: the reason often stands long before the last lines. */
  readonly log: string;
}

/**
 * Some 350 packages come over the network and run their scripts: on one machine a build failed at such a script, and a later
 * one of the same packages succeeded. The reason is told each time.
 */
async function bootstrapAtMostTwice(
  recipe: ImageRecipe,
  bootstrapped: Bootstrapped,
  progress: Progress,
): Promise<void> {
  try {
    await bootstrap(recipe, bootstrapped, progress);
  } catch (error) {
    if (!(error instanceof McpError)) throw error;
    for (const line of error.message.split('\n')) progress(line);
    progress('building it once more');
    await discard(bootstrapped.root);
    await bootstrap(recipe, bootstrapped, progress);
  }
}

async function bootstrap(
  recipe: ImageRecipe,
  { root, log }: Bootstrapped,
  progress: Progress,
): Promise<void> {
  const [program = '', ...words] = [
    ...endingWithUs,
    ...buildWords(recipe, root, await machineSources(recipe.release)),
  ];
  await rm(log, { force: true });
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'], env: environment() });
  const ended = once(child, 'exit');
  const said: string[] = [];
  for await (const line of createInterface(child.stderr)) {
    said.push(line);
    if (line.startsWith('I: ') && !line.includes('hook in shell')) progress(line.slice('I: '.length));
  }
  const [code] = await ended;
  if (code === 0) return;
  await writeFile(log, `${said.join('\n')}\n`);
  throw new McpError('lab-failed', `mmdebstrap ended with ${code}:\n${whyItFailed(said).join('\n')}`, {
    hint: `all that it said is in ${log}: look there for the first E: or the first package that failed; where nothing could be fetched, check that this machine reaches its Debian mirror (\`apt-get update\`)`,
  });
}

/**
 * The first thing that went wrong, with what was said just before it: of a package whose script fails, apt tells at the end
 * of all that it has done, and mmdebstrap's own last lines say no more than that apt failed.
 */
export function whyItFailed(said: readonly string[]): readonly string[] {
  const first = said.findIndex((line) => /^(dpkg: error|E: )/.test(line));
  return first === -1 ? said.slice(-10) : said.slice(Math.max(0, first - 6), first + 4);
}

/** However we end, the kernel ends the build and all its children with us, and its mounts are nobody else's. */
const endingWithUs = [
  'setpriv',
  '--pdeathsig',
  'KILL',
  'unshare',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
];

async function machineSources(release: string): Promise<readonly string[]> {
  const folder = '/etc/apt/sources.list.d';
  const names = (await readdir(folder).catch(() => [])).sort();
  const files = ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return sourceLines(mirrorsIn(texts), release);
}

/** apt's cache writes an epoch's colon as %3a, which apt itself can't find again in a repository: names go without epoch. */
async function moveToRepository(cache: string, repository: string): Promise<void> {
  const names = (await readdir(cache)).filter((name) => name.endsWith('.deb'));
  for (const name of names) await rename(join(cache, name), join(repository, name.replace(/_\d+%3a/, '_')));
  const inRepository = ['sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', repository];
  await writeFile(
    join(repository, 'Packages'),
    await run([...inRepository, 'apt-ftparchive', 'packages', '.']),
  );
  await writeFile(
    join(repository, 'Release'),
    await run([...inRepository, 'apt-ftparchive', 'release', '.']),
  );
}
