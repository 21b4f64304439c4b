import { isDeepStrictEqual } from 'node:util';
import type { ObservedFile, ReachableHost } from '../model/observed.ts';
import type { FileChange } from '../model/plan.ts';
import type { DirectoryResource, FileResource } from '../model/resource.ts';
import type { Step } from '../model/step.ts';
import { meaningOf, sha256 } from '../resources/index.ts';

/** Where the files of `service` on a host differ from what they should be. */
export function fileChanges(
  files: readonly FileResource[],
  service: string,
  now: ReachableHost,
): readonly FileChange[] {
  return files.flatMap((file): readonly FileChange[] => {
    const found = now.files.get(file.path);
    if (found?.kind === 'same') return [];
    const after = sha256(file.content);
    const before = found?.kind === 'different' ? found.sha256 : undefined;
    return [
      {
        host: now.host,
        service,
        path: file.path,
        action: before === undefined ? 'create' : before === after ? 'attributes' : 'update',
        edited: isEdited(before, after, now.appliedFiles.get(file.path)),
        before,
        after,
        template: file.template,
        overrides: file.overrides,
      },
    ];
  });
}

/**
 * A file that no run has applied yet (a fresh host, a package's default, a deploy that was cut off before it) is simply
 * replaced: only what differs from what we left there was edited by someone else.
 */
const isEdited = (before: string | undefined, after: string, applied: string | undefined): boolean =>
  before !== undefined && applied !== undefined && before !== after && before !== applied;

/**
 * In the order in which they are to be put in place. Where contents move from file to file within a folder (keys in turn),
 * each is in its new file before its old one gets another: whoever reads the folder meanwhile, or after a run that was
 * killed there, misses none, whichever way they move. Everything else stays in the order in which it was described.
 */
export function inMovingOrder(changes: readonly FileChange[]): readonly FileChange[] {
  const waiting = [...changes];
  const ordered: FileChange[] = [];
  while (waiting.length > 0) {
    const free = waiting.findIndex((change) => !waiting.some((other) => takesOver(other, change)));
    // Contents that change places have no such order.
    ordered.push(...waiting.splice(Math.max(free, 0), 1));
  }
  return ordered;
}

/** Whether a file gets what is still in another one, which is about to lose it. */
const takesOver = (taker: FileChange, giver: FileChange): boolean =>
  taker.path !== giver.path &&
  taker.after === giver.before &&
  giver.after !== giver.before &&
  folderOf(taker) === folderOf(giver);

const folderOf = ({ path }: FileChange): string => path.slice(0, path.lastIndexOf('/'));

/**
 * Paths whose foreign edit means something to their reader. What runs may have been started with it, so units that
 * watch such a file are due whatever their record says.
 */
export function editedInMeaning(
  files: readonly FileResource[],
  changes: readonly FileChange[],
  now: ReachableHost,
): ReadonlySet<string> {
  const edited = new Set(changes.filter((change) => change.edited).map(({ path }) => path));
  return new Set(
    files
      .filter((file) => edited.has(file.path) && meansSomethingElse(file, now.files.get(file.path)))
      .map(({ path }) => path),
  );
}

function meansSomethingElse(file: FileResource, found: ObservedFile | undefined): boolean {
  if (found?.kind !== 'different' || found.content === undefined) return true;
  return meaningOf({ content: found.content, comment: file.comment }) !== meaningOf(file);
}

/**
 * Whether a way by which others come in goes with these files. It is judged by what is on the host: whoever goes back to what
 * was before closes a way as well as whoever goes on.
 */
export const closesWays = (files: readonly FileResource[], now: ReachableHost): boolean =>
  files.some((file) => {
    const found = now.files.get(file.path);
    if (file.offers === undefined || found?.kind !== 'different' || found.content === undefined) return false;
    const staying = new Set(waysIn(file, file.content));
    return waysIn(file, found.content).some((line) => !staying.has(line));
  });

function waysIn({ offers, comment }: FileResource, content: string): readonly string[] {
  if (offers === undefined) return [];
  return meaningOf({ content, comment })
    .split('\n')
    .filter((line) => line.search(offers) >= 0);
}

/** Directories that are absent or have another mode or owner; once, where two parts of a service want the same. */
export function directorySteps(
  directories: readonly DirectoryResource[],
  now: ReachableHost,
): readonly Step[] {
  const due = directories
    .filter((directory) => !isAsWanted(directory, now.files.get(directory.path)))
    .map(({ path, mode, owner, group }) => ({ kind: 'make-directory', path, mode, owner, group }) as const);
  return due.filter((one, at) => due.findIndex((other) => isDeepStrictEqual(one, other)) === at);
}

function isAsWanted({ mode, owner, group }: DirectoryResource, found: ObservedFile | undefined): boolean {
  if (found?.kind === 'same') return true;
  return found?.kind === 'directory' && found.mode === mode && found.owner === owner && found.group === group;
}
