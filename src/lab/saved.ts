import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { McpError } from '../model/failure.ts';
import { hostGroup, setFrozen } from './cgroup.ts';
import { run } from './command.ts';
import type { LabDescription, LabHost } from './description.ts';
import { disksFolder } from './disks.ts';
import { onEveryHost } from './every-host.ts';
import { markMade, unmarkMade } from './made.ts';
import { layersOf } from './mounts.ts';
import { cutPower, runningHosts, switchOn } from './power.ts';
import type { LabRecord } from './record.ts';

interface SavedState {
  /** The inventory and image that the state belongs to: it makes no sense on another. */
  readonly inventory: string;
  readonly image: string;
  readonly hosts: readonly string[];
  readonly savedAt: string;
}

/**
 * Keeps what all hosts have on disk under a name, replacing an older state of that name. All hosts are stopped at one
 * instant, then their power is cut: the state is that of a site whose power failed, which every database in it must
 * survive and which a cluster comes back from by itself (after an orderly stop of all its members Galera would not).
 */
export async function saveState(record: LabRecord, name: string): Promise<void> {
  const { lab, image } = record;
  const folder = stateFolder(lab, name);
  const draft = draftFolder(lab, name);
  const running = await runningHosts(lab);
  for (const host of running) await setFrozen(hostGroup(lab, host), true);
  await onEveryHost(lab.hosts, (host) => cutPower(lab, host));
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  for (const host of lab.hosts) {
    await copyTree(layersOf(host, image.root).upper, join(draft, host.name));
    // The power cut has unmounted them: they are whole.
    if (existsSync(disksFolder(host))) await copyTree(disksFolder(host), await disksIn(draft, host));
  }
  for (const { folder: shared, path } of lab.shared) await copyTree(shared, await sharedIn(draft, path));
  const state: SavedState = {
    inventory: lab.inventory,
    image: image.name,
    hosts: lab.hosts.map((host) => host.name),
    savedAt: new Date().toISOString(),
  };
  await writeFile(join(draft, 'state.json'), `${JSON.stringify(state, undefined, 2)}\n`);
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
  await onEveryHost(running, (host) => switchOn(lab, host, image));
}

/** Puts all hosts back to a saved state and boots them. What they have now is lost. */
export async function restoreState(record: LabRecord, name: string): Promise<void> {
  const { lab, image } = record;
  const folder = stateFolder(lab, name);
  requireSame(await readState(lab, name), record, name);
  await onEveryHost(lab.hosts, (host) => cutPower(lab, host));
  for (const host of lab.hosts) {
    const { upper, work } = layersOf(host, image.root);
    await unmarkMade(host);
    await rm(upper, { recursive: true, force: true });
    await rm(work, { recursive: true, force: true });
    await rm(disksFolder(host), { recursive: true, force: true });
    await copyTree(join(folder, host.name), upper);
    // A state of a host without disks has what would be on them in its layer.
    const disks = await disksIn(folder, host);
    if (existsSync(disks)) await copyTree(disks, disksFolder(host));
    await markMade(host);
  }
  for (const { folder: shared, path } of lab.shared) {
    await rm(shared, { recursive: true, force: true });
    await copyTree(await sharedIn(folder, path), shared);
  }
  await onEveryHost(lab.hosts, (host) => switchOn(lab, host, image));
}

/** Where a saved state keeps the images of a host's disks. */
async function disksIn(state: string, host: LabHost): Promise<string> {
  const folder = join(state, '.disks', host.name);
  await mkdir(dirname(folder), { recursive: true });
  return folder;
}

/** Where a saved state keeps a folder that all hosts share. */
async function sharedIn(state: string, path: string): Promise<string> {
  const folder = join(state, '.shared', path);
  await mkdir(dirname(folder), { recursive: true });
  return folder;
}

/** Names of the states that a lab can go back to. */
export async function savedStates(lab: LabDescription): Promise<readonly string[]> {
  const names = await readdir(join(lab.directory, 'saved', lab.name)).catch(() => []);
  return names.filter((name) => !name.startsWith('.')).sort();
}

function requireSame(state: SavedState, { lab, image }: LabRecord, name: string): void {
  const isSame =
    state.image === image.name &&
    [...state.hosts].sort().join() ===
      lab.hosts
        .map((host) => host.name)
        .sort()
        .join();
  if (isSame) return;
  throw new McpError('lab-failed', `the saved state ${name} was taken from other hosts or another image`, {
    hint: 'deploy again and save it anew',
  });
}

async function readState(lab: LabDescription, name: string): Promise<SavedState> {
  const file = join(stateFolder(lab, name), 'state.json');
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as SavedState;
  const known = await savedStates(lab);
  throw new McpError('invalid-arguments', `the lab ${lab.name} has no saved state ${name}`, {
    hint: known.length === 0 ? 'save one with `mcp lab save NAME`' : `name one of ${known.join(', ')}`,
  });
}

/** Layers hold device nodes and trusted attributes that mark what was removed: -a keeps both. */
const copyTree = (from: string, to: string): Promise<string> =>
  run(['cp', '--archive', '--reflink=auto', '--sparse=always', '--no-target-directory', from, to]);

/** Not a name that a state can have: what a killed save leaves is never taken for one. */
const draftFolder = (lab: LabDescription, name: string): string =>
  join(lab.directory, 'saved', lab.name, `.${name}`);

function stateFolder(lab: LabDescription, name: string): string {
  if (/^[a-z0-9][a-z0-9._-]*$/i.test(name)) return join(lab.directory, 'saved', lab.name, name);
  throw new McpError('invalid-arguments', `${name} is no name for a saved state`, {
    hint: 'use letters, digits, dots and dashes',
  });
}
