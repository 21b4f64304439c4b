import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabDescription, LabHost } from './description.ts';

/**
 * Each host lives in a control group of its own, so the kernel itself says which processes are the host's: no process
 * id is ever remembered, and none is ended that is not in the group.
 * Where version 1 and 2 are both mounted, the systemd of the host uses both.
 */
const hierarchies = existsSync('/sys/fs/cgroup/cgroup.controllers')
  ? ['/sys/fs/cgroup']
  : ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];

/** Where version 1 shares out the processors; nothing runs there that is not in the groups above. */
export const processorHierarchy = '/sys/fs/cgroup/cpu';

/** Version 2: it knows at one look whether a group is populated, stops all of it, and counts what it has used (`cpu.stat`). */
export const unifiedHierarchy = hierarchies[0] ?? '';

export const labGroup = (lab: Pick<LabDescription, 'name'>): string => join('mcp-lab', lab.name);

export const hostGroup = (lab: Pick<LabDescription, 'name'>, host: Pick<LabHost, 'name'>): string =>
  join(labGroup(lab), host.name);

/** Makes a group and returns the files to which a process writes its id to join it. */
export async function makeGroup(group: string): Promise<readonly string[]> {
  const folders = hierarchies.map((hierarchy) => join(hierarchy, group));
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  return folders.map((folder) => join(folder, 'cgroup.procs'));
}

/** Ids of all processes in a group and below it. */
export async function processesOf(group: string): Promise<readonly number[]> {
  const listed = await Promise.all(hierarchies.map((hierarchy) => processesBelow(join(hierarchy, group))));
  return [...new Set(listed.flat())];
}

/** True while any process is in a group or below it: one look of the kernel's, true even while processes move about. */
export async function isPopulated(group: string): Promise<boolean> {
  const events = await readFile(join(unifiedHierarchy, group, 'cgroup.events'), 'utf8').catch(() => '');
  return /^populated 1$/m.test(events);
}

/** Processes of one systemd unit of a host, those of its child groups too. */
export async function processesOfUnit(group: string, unit: string): Promise<readonly number[]> {
  const folders = await foldersBelow(join(unifiedHierarchy, group));
  const ofUnit = folders.filter((folder) => folder.split('/').includes(unit));
  return (await Promise.all(ofUnit.map(processesIn))).flat();
}

/** Stops or resumes every process of a group at once, for a picture of many hosts at one instant. */
export async function setFrozen(group: string, frozen: boolean): Promise<void> {
  await writeFile(join(unifiedHierarchy, group, 'cgroup.freeze'), frozen ? '1' : '0');
}

/** Names of the groups directly below one. */
export async function groupsIn(group: string): Promise<readonly string[]> {
  const listed = await Promise.all(hierarchies.map((hierarchy) => subfolders(join(hierarchy, group))));
  return [...new Set(listed.flat())];
}

/** Removes a group that has no process left, with everything below it; the last one takes the common parent along. */
export const removeGroup = (group: string): Promise<void> => removeFrom(hierarchies, group);

/** The same of a group of processors, which has a tree of its own: machines, and below them their nodes. */
export const removeProcessorGroup = (group: string): Promise<void> => removeFrom([processorHierarchy], group);

async function removeFrom(trees: readonly string[], group: string): Promise<void> {
  for (const hierarchy of trees) {
    const folders = await foldersBelow(join(hierarchy, group));
    // Deepest first: a folder of the control group file system goes only when nothing is below it.
    for (const folder of folders.toReversed()) await rmdir(folder).catch(() => undefined);
    await rmdir(join(hierarchy, 'mcp-lab')).catch(() => undefined);
  }
}

async function processesBelow(folder: string): Promise<readonly number[]> {
  const folders = await foldersBelow(folder);
  return (await Promise.all(folders.map(processesIn))).flat();
}

async function processesIn(folder: string): Promise<readonly number[]> {
  const listed = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
  // 0 stands for a process of another pid namespace than ours.
  return listed
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
}

/** The folder itself and all below it, parents first; nothing where it is not. */
async function foldersBelow(folder: string): Promise<readonly string[]> {
  if (!existsSync(folder)) return [];
  const below = await Promise.all((await subfolders(folder)).map((name) => foldersBelow(join(folder, name))));
  return [folder, ...below.flat()];
}

async function subfolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
