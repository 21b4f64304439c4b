import { execFile } from 'node:child_process';
import type { Commit } from '../model/commit.ts';

/** The git repository that an inventory lies in; it may be none, or git may not be there. */
export interface Repository {
  /** Where the inventory stands; undefined where that is in no repository, or git refuses to look into it. */
  commit(): Promise<Commit | undefined>;
  /**
   * Whether it stands at an older commit than `other`: at one that `other` was made on, or, where history does not tell
   * (a shallow clone, two branches), at one that was committed earlier.
   */
  isOlderThan(other: Pick<Commit, 'hash' | 'committedAt'>): Promise<boolean>;
}

export function repositoryOf(folder: string): Repository {
  let read: Promise<Commit | undefined> | undefined;
  const head = async () => {
    const [hash, committedAt] =
      (await git(folder, ['log', '-1', '--format=%H %cI', 'HEAD']))?.split(' ') ?? [];
    return hash === undefined || committedAt === undefined ? undefined : { hash, committedAt };
  };
  return {
    commit() {
      read ??= head().then(async (found) =>
        found === undefined ? undefined : { ...found, dirty: (await git(folder, changesHere)) !== '' },
      );
      return read;
    },
    async isOlderThan(other) {
      const ours = await head();
      if (ours === undefined || ours.hash === other.hash) return false;
      if (await isMadeOn(folder, { base: other.hash, made: ours.hash })) return false;
      if (await isMadeOn(folder, { base: ours.hash, made: other.hash })) return true;
      return Date.parse(ours.committedAt) < Date.parse(other.committedAt);
    },
  };
}

/** An inventory of which nobody knows where it lies. */
export const noRepository: Repository = {
  commit: async () => undefined,
  isOlderThan: async () => false,
};

const changesHere = ['status', '--porcelain', '--', '.'];

/** False also where one of them is not known here. */
const isMadeOn = async (
  folder: string,
  { base, made }: { readonly base: string; readonly made: string },
): Promise<boolean> => (await git(folder, ['merge-base', '--is-ancestor', base, made])) !== undefined;

/**
 * What git says; undefined where it fails, for whatever reason: a deploy does not depend on it. It looks, changes nothing,
 * and asks no server for what is missing here.
 */
function git(folder: string, words: readonly string[]): Promise<string | undefined> {
  // Three are set where this is run by a hook of git, and would name another repository. The fourth opens our secrets: no
  // program that we start has any business with it, and git starts others.
  const {
    GIT_DIR: _dir,
    GIT_WORK_TREE: _tree,
    GIT_INDEX_FILE: _index,
    MCP_AGE_KEY: _key,
    ...environment
  } = process.env;
  return new Promise((resolve) => {
    execFile(
      'git',
      ['-C', folder, '-c', 'core.fsmonitor=false', ...words],
      {
        env: { ...environment, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1' },
        timeout: 5000,
        killSignal: 'SIGKILL',
      },
      (failure, stdout) => resolve(failure === null ? stdout.trim() : undefined),
    );
  });
}
