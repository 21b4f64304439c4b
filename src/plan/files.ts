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

/** Directories that are absent or have another mode or owner. */
export const directorySteps = (
  directories: readonly DirectoryResource[],
  now: ReachableHost,
): readonly Step[] =>
  directories
    .filter((directory) => !isAsWanted(directory, now.files.get(directory.path)))
    .map(({ path, mode, owner, group }) => ({ kind: 'make-directory', path, mode, owner, group }));

function isAsWanted({ mode, owner, group }: DirectoryResource, found: ObservedFile | undefined): boolean {
  if (found?.kind === 'same') return true;
  return found?.kind === 'directory' && found.mode === mode && found.owner === owner && found.group === group;
}
