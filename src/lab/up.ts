import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { McpError } from '../model/failure.ts';
import type { Release } from '../model/release.ts';
import { disarm } from './arm.ts';
import { groupsIn, labGroup, removeGroup, removeProcessorGroup } from './cgroup.ts';
import type { LabDescription, LabHost } from './description.ts';
import { makeDisks } from './disks.ts';
import { onEveryHost } from './every-host.ts';
import { endForwards } from './forward.ts';
import { type HostKeys, hostFiles, writeHostFiles } from './host-files.ts';
import { changeHostState, forgetHostState } from './host-state.ts';
import { buildImage, findImage, imagesFolder, type Progress, removeImages } from './image.ts';
import { raiseKernelLimits } from './kernel-limits.ts';
import { ensureKeys, renewHostKey } from './keys.ts';
import { withLock } from './lock.ts';
import { accountsIn, hashOf, loginFiles } from './login-files.ts';
import { isMade, markMade } from './made.ts';
import { layersOf, unmountBelow } from './mounts.ts';
import { makeNetwork, removeNetwork } from './network.ts';
import { endOutsider, endOutsiders, placeOutsiders } from './outsiders.ts';
import { claimName, foreignOwner, releaseName } from './owner.ts';
import { applyPartitions } from './partition.ts';
import { cutPower, switchOn } from './power.ts';
import { apportionProcessors } from './processors.ts';
import { awaitSsh } from './reach.ts';
import { allRecords, type LabRecord, readRecord, writeRecord } from './record.ts';
import { refuseOtherRelease } from './release.ts';
import { placeRouter } from './router.ts';

const sshSeconds = 90;

export interface LabMeans {
  /** Debian packages that the services ask for: they are in the `stocked` image and in every host's repository. */
  packages(release: Release): readonly string[];
  readonly progress: Progress;
}

interface Prepared {
  readonly record: LabRecord;
  readonly keys: ReadonlyMap<string, HostKeys>;
}

/** Brings all hosts of a lab up, from whatever state an earlier command left; what is up already stays as it is. */
export async function bringUp(lab: LabDescription, { packages, progress }: LabMeans): Promise<void> {
  await withLock(labLock(lab), async () => {
    const { record, keys } = await prepare(lab, { packages, progress });
    await raiseKernelLimits(progress);
    progress(`booting ${lab.hosts.length} hosts of Debian ${lab.release}`);
    // What a drill pulled or cut off is part of the state that is put right.
    for (const host of lab.hosts) await changeHostState(lab, host, { unplugged: [], partition: undefined });
    await onEveryHost(lab.hosts, (host) =>
      bringUpHost(record, host, { keys: keys.get(host.name), progress }),
    );
    await applyPartitions(lab);
  });
  await awaitSsh(lab, lab.hosts, sshSeconds);
}

/** Makes all that the hosts need before they boot; the caller holds the lab's lock. */
export async function prepare(lab: LabDescription, { packages, progress }: LabMeans): Promise<Prepared> {
  await claimName(lab);
  const before = await readRecord(lab.folder);
  refuseOtherRelease(before?.lab, lab);
  const wanted = packages(lab.release);
  const image =
    findImage(lab, wanted) ?? (await withLock(imagesLock(lab), () => buildImage(lab, wanted, progress)));
  const keys = await withLock(keysLock(lab), () => ensureKeys(lab));
  if (before !== undefined) await settleDifferences(before.lab, lab, before.image.name !== image.name);
  const record = { lab, image };
  await writeRecord(record);
  for (const { folder } of lab.shared) await mkdir(folder, { recursive: true });
  await makeNetwork(lab);
  await placeRouter(lab);
  await placeOutsiders(lab);
  await apportionProcessors(lab);
  return { record, keys };
}

/** Takes away the lab that has the name, from whichever folder it was brought up: what a machine's last user left. */
export async function takeDownWherever(lab: LabDescription): Promise<void> {
  const owner = await foreignOwner(lab);
  if (owner !== undefined) await takeDown({ ...lab, folder: owner, directory: dirname(owner) });
  await takeDown(lab);
}

/** Takes a lab away with everything that it made on this machine; images and saved states are kept. */
export async function takeDown(lab: LabDescription): Promise<void> {
  await withLock(labLock(lab), async () => {
    const record = await readRecord(lab.folder);
    // Where another folder's lab has the name, what runs is that one's; all that can be left of ours is its folder.
    if ((await foreignOwner(lab)) === undefined) await endLab(record?.lab ?? lab);
    await unmountBelow(lab.folder);
    await rm(lab.folder, { recursive: true, force: true });
  });
}

/** Ends all that runs of a lab, and its network. */
async function endLab(brought: LabDescription): Promise<void> {
  for (const host of brought.hosts) await disarm(brought, host);
  await endForwards(brought);
  // The kernel's list of hosts, not ours: it has those too that an edited inventory no longer names.
  const running = await groupsIn(labGroup(brought));
  const hosts = [...brought.hosts, ...running.flatMap((name) => strayHost(brought, name))];
  await onEveryHost(hosts, (host) => cutPower(brought, host));
  await removeGroup(labGroup(brought));
  await removeProcessorGroup(labGroup(brought));
  await endOutsiders(brought);
  await removeNetwork(brought);
  await releaseName(brought);
}

/** Removes the images that no lab of the folder uses any more, and this lab's saved states. */
export async function removeArtefacts(lab: LabDescription): Promise<void> {
  await withLock(imagesLock(lab), async () => {
    await rm(join(lab.directory, 'saved', lab.name), { recursive: true, force: true });
    const records = await allRecords(lab.directory);
    const inUse = records.flatMap(({ image }) =>
      [image.root, image.repository].map((path) => imageOf(lab, path)),
    );
    await removeImages(lab, new Set(inUse));
  });
}

/** Held by commands that change one lab. It lies outside of the lab's folder, which `down` removes. */
export const labLock = (lab: LabDescription): string => join(lab.directory, 'locks', lab.name);

/** Held while images are made or removed, which all labs of a folder share; for minutes. */
const imagesLock = (lab: LabDescription): string => join(lab.directory, 'locks', '.images');

/** Held while keys are made and pinned, which they share too; for a moment. */
const keysLock = (lab: LabDescription): string => join(lab.directory, 'locks', '.keys');

/** Makes a host that was never made whole, and switches on one that is off. */
async function bringUpHost(
  { lab, image }: LabRecord,
  host: LabHost,
  { keys, progress }: { readonly keys: HostKeys | undefined; readonly progress: Progress },
): Promise<void> {
  if (keys !== undefined && !isMade(host)) await makeHost({ lab, image }, host, { keys, progress });
  await switchOn(lab, host, image);
}

async function makeHost(
  { lab, image }: LabRecord,
  host: LabHost,
  { keys, progress }: { readonly keys: HostKeys; readonly progress: Progress },
): Promise<void> {
  await cutPower(lab, host);
  await rm(host.folder, { recursive: true, force: true });
  const { upper } = layersOf(host, image.root);
  await mkdir(upper, { recursive: true });
  const login = loginFiles(host, {
    accounts: await accountsIn(image.root),
    authorized: keys.authorized,
    hash: host.login === undefined ? '' : await hashOf(host.login),
  });
  await writeHostFiles(upper, host, [...hostFiles(lab, host, keys), ...login]);
  await makeDisks(host, image.root, progress);
  await markMade(host);
}

/** Puts a blank machine in the place of a host: same name and address, nothing on its disk, and a host key of its own. */
export async function replaceHost(
  { lab, image }: LabRecord,
  host: LabHost,
  progress: Progress,
): Promise<void> {
  const keys = await withLock(keysLock(lab), () => renewHostKey(lab, host));
  await makeHost({ lab, image }, host, { keys, progress });
  await switchOn(lab, host, image);
}

/** What is up follows the inventory: hosts and outsiders that it no longer has go; what would change the others is refused. */
async function settleDifferences(
  before: LabDescription,
  lab: LabDescription,
  otherImage: boolean,
): Promise<void> {
  const names = new Set(lab.hosts.map(({ name }) => name));
  for (const host of before.hosts.filter(({ name }) => !names.has(name))) await removeHost(before, host);
  for (const outsider of before.outsiders ?? []) {
    if (!(lab.outsiders ?? []).some((now) => isDeepStrictEqual(now, outsider))) await endOutsider(outsider);
  }
  const changed = before.hosts.filter((host) => isChanged(host, lab));
  if (changed.length === 0 && !otherImage) return;
  const what = otherImage
    ? 'another image'
    : `other addresses of ${changed.map(({ name }) => name).join(', ')}`;
  throw new McpError('lab-failed', `the lab ${lab.name} was brought up with ${what}`, {
    hint: 'run `mcp lab down` first: what was deployed on its hosts goes with them',
  });
}

const isChanged = (host: LabHost, lab: LabDescription): boolean => {
  const now = lab.hosts.find(({ name }) => name === host.name);
  return now !== undefined && JSON.stringify(withoutDisks(now)) !== JSON.stringify(withoutDisks(host));
};

/** A host that was made without them goes on without them. */
const withoutDisks = ({ disks: _disks, ...host }: LabHost): LabHost => host;

async function removeHost(lab: LabDescription, host: LabHost): Promise<void> {
  await disarm(lab, host);
  await cutPower(lab, host);
  await rm(host.folder, { recursive: true, force: true });
  await forgetHostState(lab, host);
}

const strayHost = (lab: LabDescription, name: string): readonly LabHost[] =>
  lab.hosts.some((host) => host.name === name)
    ? []
    : [{ name, machine: name, address: '', sshPort: 22, folder: join(lab.folder, 'hosts', name), links: [] }];

const imageOf = (lab: LabDescription, path: string): string =>
  path.slice(imagesFolder(lab).length + 1).split('/')[0] ?? '';
