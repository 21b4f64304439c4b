import type { DesiredHost, DesiredService, DesiredState } from '../model/desired.ts';
import type { EarlierFile, EarlierFiles } from '../model/earlier.ts';
import { belongingsFound, type ObservedState, type ReachableHost, reachable } from '../model/observed.ts';
import type { Refusal } from '../model/plan.ts';
import type { DirectoryResource, FileResource, Resource, UnitResource } from '../model/resource.ts';
import { belongingsOf, sha256 } from '../resources/index.ts';
import { recordOfTask } from './units.ts';

/** What hosts should have for certain runs to be taken back, and why that may not be. */
export interface EarlierState {
  readonly desired: DesiredState;
  /** What can't be brought back, a sentence each. */
  readonly obstacles: readonly string[];
  readonly refusals: readonly Refusal[];
}

/**
 * What hosts should have so that these runs are taken back: the files that they changed as they were before, everything
 * else as it is now. What the inventory wants now decides how services are described, and nothing about what they get:
 * a change that waits for its first deploy, or that was halted half way, must not be carried on by an undoing.
 */
export function earlierState(
  today: DesiredState,
  observed: ObservedState,
  earlier: EarlierFiles,
): EarlierState {
  const hosts = [...today.hosts.values()].map((described) => {
    const now = reachable(observed, described.host);
    // The plan has its own words for a host that does not answer.
    if (now === undefined) return { desired: described, obstacles: [], edited: [] };
    return earlierHost(knownOf(described, now, earlier.get(described.host) ?? new Map()));
  });
  return {
    desired: { hosts: new Map(hosts.map(({ desired }) => [desired.host, desired])) },
    obstacles: hosts.flatMap(({ obstacles }) => obstacles),
    refusals: hosts.flatMap(({ desired, edited }) =>
      edited.length === 0 ? [] : [drift(desired.host, edited)],
    ),
  };
}

/** A host as the inventory describes it now, as it is, and what was there before. */
interface Known {
  readonly described: DesiredHost;
  readonly now: ReachableHost;
  readonly earlier: ReadonlyMap<string, EarlierFile>;
  /** Paths that are described now, and that nothing of ours is to be on. */
  readonly gone: ReadonlySet<string>;
}

function knownOf(described: DesiredHost, now: ReachableHost, earlier: Known['earlier']): Known {
  const gone = described.services
    .flatMap(filesOf)
    .filter((file) => earlierFile(file, { now, earlier }) === undefined)
    .map(({ path }) => path);
  return { described, now, earlier, gone: new Set(gone) };
}

function earlierHost(known: Known) {
  const { described, now, earlier } = known;
  const services = described.services.map((service) => earlierService(service, known));
  const files = described.services.flatMap(filesOf).map(({ path }) => path);
  const left = [...now.appliedFiles.keys()].filter(
    (path) => !files.includes(path) && earlier.get(path)?.kind !== 'not-ours',
  );
  const ofToday = new Set(belongingsOf(described).map(({ kind, name }) => `${kind} ${name}`));
  const belongings = now.belongings.filter(({ kind, name }) => !ofToday.has(`${kind} ${name}`));
  const removed = new Set<string>();
  const desired: DesiredHost = {
    host: described.host,
    // Several services may describe a file; it is taken away once.
    services: services.map((service) => {
      const removes = (service.removes ?? []).filter((path) => !removed.has(path));
      for (const path of removes) removed.add(path);
      return { ...service, removes };
    }),
    leftAlone: { files: left, belongings },
  };
  return {
    desired,
    obstacles: [
      ...described.services.flatMap((service) => tooNew(service, known)),
      ...undescribed(files, known),
    ],
    edited: editedUnknown(new Set(files.filter((path) => isToGo(earlier.get(path)))), known),
  };
}

function earlierService(service: DesiredService, known: Known): DesiredService {
  const { earlier, gone, now } = known;
  return {
    ...service,
    resources: service.resources.flatMap((each) => earlierResource(each, known)),
    validators: service.validators
      .map((validator) => ({ ...validator, files: validator.files.filter((path) => !gone.has(path)) }))
      // What would be left of it judges nothing of ours.
      .filter(
        ({ files: judged }, index) => judged.length > 0 || service.validators[index]?.files.length === 0,
      ),
    data: service.data.filter((path) => belongingsFound('data', now).some(({ name }) => name === path)),
    // What is in no service's turn goes at the end, with all that nothing describes.
    removes: filesOf(service)
      .filter(({ path, readElsewhere }) => readElsewhere !== true && isToGo(earlier.get(path)))
      .map(({ path }) => path),
  };
}

/** Whether a run has put something of ours there that is to be taken away. */
const isToGo = (was: EarlierFile | undefined): boolean => was?.kind === 'not-ours' && was.isThere;

const filesOf = ({ resources }: DesiredService): readonly FileResource[] =>
  resources.filter((resource) => resource.kind === 'file');

function earlierResource(resource: Resource, known: Known): readonly Resource[] {
  const { now, gone } = known;
  switch (resource.kind) {
    case 'file': {
      const file = earlierFile(resource, known);
      return file === undefined ? [] : [file];
    }
    case 'package':
      return now.packages.has(resource.name) ? [resource] : [];
    case 'directory':
      return earlierDirectory(resource, now);
    case 'unit':
      return resource.state === 'stopped'
        ? [resource].filter(({ name }) => isAtRest(name, now))
        : earlierUnit(resource, known);
    case 'task':
      return [resource].filter(
        ({ name, readsFiles }) =>
          // It may need all that it reads. What it has done stays done.
          now.records.has(recordOfTask(name)) && readsFiles.every((path) => !gone.has(path)),
      );
  }
}

function earlierDirectory(directory: DirectoryResource, now: ReachableHost): readonly Resource[] {
  const found = now.files.get(directory.path);
  if (found?.kind !== 'directory') return [];
  const { mode, owner, group } = found;
  return [{ ...directory, mode, owner, group }];
}

/** Without what was not there then. One that a run has brought is none any more, and is retired. */
function earlierUnit(unit: UnitResource, { gone, now }: Known): readonly UnitResource[] {
  if (!wasPutThere(unit.name, now) || gone.has(`/etc/systemd/system/${unit.name}`)) return [];
  const still = (paths: readonly string[]) => paths.filter((path) => !gone.has(path));
  return [{ ...unit, restartOn: still(unit.restartOn), reloadOn: still(unit.reloadOn) }];
}

const wasPutThere = (unit: string, now: ReachableHost): boolean =>
  now.records.has(unit) || belongingsFound('unit', now).some(({ name }) => name === unit);

function isAtRest(unit: string, { units }: ReachableHost): boolean {
  const found = units.get(unit);
  return found?.activeState !== 'active' && found?.unitFileState.startsWith('enabled') !== true;
}

/** Undefined where nothing of ours was there, or is there. */
function earlierFile(
  file: FileResource,
  { now, earlier }: Pick<Known, 'now' | 'earlier'>,
): FileResource | undefined {
  const was = earlier.get(file.path);
  if (was?.kind === 'not-ours') return undefined;
  if (was?.kind === 'ours') {
    const { content, mode, owner, group } = was;
    return { ...file, content, mode, owner, group };
  }
  return untouchedFile(file, now);
}

/** As it is there. What others have made of it since is for the plan to tell, where that knows what it was. */
function untouchedFile(file: FileResource, now: ReachableHost): FileResource | undefined {
  const found = now.files.get(file.path);
  const applied = now.appliedFiles.get(file.path);
  // Wanted now, and by no run put there yet.
  if (applied === undefined) return undefined;
  if (found?.kind === 'same') return file;
  const isDeployed = applied === sha256(file.content);
  if (found?.kind !== 'different') return isDeployed ? file : undefined;
  const { mode, owner, group } = found;
  return {
    ...file,
    content: isDeployed ? file.content : (found.content ?? file.content),
    mode,
    owner,
    group,
  };
}

/** Files that no run had touched before those that are to be taken back: then their service was not there. */
function tooNew(service: DesiredService, known: Known): readonly string[] {
  const { now, earlier } = known;
  const files = filesOf(service);
  const isTakenAway = files.some(({ path }) => isToGo(earlier.get(path)));
  const unreadable = files
    .filter(({ path, content }) => {
      const found = now.files.get(path);
      const isTold =
        found?.kind !== 'different' || found.content !== undefined || found.sha256 === sha256(content);
      return !earlier.has(path) && !isTold;
    })
    .map(({ path }) => `${now.host}: ${path} is too long to be left as it is`);
  if (!isTakenAway || files.some((file) => earlierFile(file, known) !== undefined)) return unreadable;
  return [
    ...unreadable,
    `${now.host}: ${service.service} was not there before; there is nothing to go back to`,
  ];
}

/** How such a file would have to be treated is known to nobody. */
const undescribed = (files: readonly string[], { now, earlier }: Known): readonly string[] =>
  [...earlier].flatMap(([path, was]) =>
    was.kind === 'ours' && !was.isLive && !files.includes(path)
      ? [`${now.host}: ${path} would have to come back, and no service of this inventory describes it`]
      : [],
  );

/** Files that somebody else has edited, and of which the plan does not know that: it has nothing to put in their place. */
const editedUnknown = (
  removed: ReadonlySet<string>,
  { now, described, earlier }: Known,
): readonly string[] => {
  const files = described.services.flatMap(filesOf);
  const edited = files.filter(({ path, content }) => {
    const applied = now.appliedFiles.get(path);
    const found = now.files.get(path);
    const live =
      found?.kind === 'different' ? found.sha256 : found?.kind === 'same' ? sha256(content) : applied;
    const isTold = earlier.has(path) ? !removed.has(path) : applied === sha256(content);
    return applied !== undefined && live !== applied && !isTold;
  });
  return [...new Set(edited.map(({ path }) => path))];
};

const drift = (host: string, paths: readonly string[]): Refusal => ({
  kind: 'drift',
  host,
  message: `edited by someone else on ${host}: ${paths.join(', ')}`,
  hint: 'save what is to stay, then add --overwrite-drift',
});
