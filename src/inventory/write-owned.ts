import { randomBytes } from 'node:crypto';
import { chown, type FileHandle, mkdir, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { McpError } from '../model/failure.ts';
import { userBehindSudo } from './operator.ts';
import { isSystemError, reasonOf } from './system-reasons.ts';

/**
 * Writes a file in one act: a reader finds the old text or the new one, never less. A link stays one, and what it leads to is
 * written. It belongs to the user behind sudo; where no mode is given, umask decides. Throws McpError `invalid-arguments`
 * where it can't be written.
 */
export const writeOwned = (file: string, text: string, mode?: number): Promise<void> =>
  writing(file, async () => {
    const path = await behindLinks(file);
    const draft = `${path}.${randomBytes(6).toString('hex')}`;
    try {
      await using file = await disposable(open(draft, 'wx', mode === undefined ? 0o666 : 0o600));
      await file.handle.writeFile(text);
      if (mode !== undefined) await file.handle.chmod(mode);
      const owner = userBehindSudo();
      if (owner) await file.handle.chown(owner.uid, owner.gid);
      await file.handle.sync();
      await rename(draft, path);
    } catch (cause) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw cause;
    }
  });

/**
 * Where a path leads. A link to nothing is refused: what it led to, a volume or a vault, may be back tomorrow.
 */
async function behindLinks(path: string): Promise<string> {
  const target = await readlink(path).catch(() => undefined);
  if (target === undefined) return path;
  try {
    // The system decides whose links are followed where anybody may put one (protected_symlinks), and not for realpath.
    await stat(path);
    return await realpath(path);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new McpError(
      'invalid-arguments',
      `${path} can't be written: it is a link to ${target}, which is not there`,
      { hint: 'bring back what it leads to, or remove the link' },
    );
  }
}

/**
 * Writes a file that is not there yet; false, and nothing is written, where something is. It belongs to the user behind
 * sudo. Throws McpError `invalid-arguments` where it can't be written.
 */
export const writeNew = (path: string, text: string): Promise<boolean> =>
  writing(path, async () => {
    try {
      await using file = await disposable(open(path, 'wx'));
      const owner = userBehindSudo();
      if (owner) await file.handle.chown(owner.uid, owner.gid);
      await file.handle.writeFile(text);
      return true;
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
      throw cause;
    }
  });

/**
 * Adds to the end of a file, for others may do so too. One that is missing is made as umask says, and belongs to the
 * user behind sudo. Throws McpError `invalid-arguments` where it can't be written.
 */
export const appendOwned = (path: string, text: string): Promise<void> =>
  writing(path, async () => {
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    await using file = await disposable(open(path, 'a'));
    const owner = userBehindSudo();
    if (owner && !isThere) await file.handle.chown(owner.uid, owner.gid);
    await file.handle.appendFile(text);
  });

/**
 * Makes a folder that belongs to the user behind sudo; one that exists stays as it is. Throws McpError
 * `invalid-arguments` where it can't be made, or something else is in its place.
 */
export const makeOwnedDirectory = (path: string, mode = 0o755): Promise<void> =>
  writing(path, async () => {
    const made = await makeFolders(path, mode);
    const owner = userBehindSudo();
    if (made === undefined || !owner) return;
    const first = resolve(made);
    for (let folder = resolve(path); folder.startsWith(first); folder = dirname(folder)) {
      await chown(folder, owner.uid, owner.gid);
    }
  });

/**
 * Makes a folder and those above it that are missing; resolves with the topmost that was. Node's own goes round in circles
 * where the system says that a folder does not exist which does, as below /proc.
 */
export async function makeFolders(path: string, mode: number): Promise<string | undefined> {
  const folder = resolve(path);
  if (await isFolder(folder)) return undefined;
  const above = dirname(folder);
  const first = (await isFolder(above)) ? undefined : await makeFolders(above, mode);
  await mkdir(folder, { mode });
  return first ?? folder;
}

/** Throws what the system says of anything that can't become one. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw cause;
  }
}

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';

/** What the system has against writing `path` becomes McpError `invalid-arguments`, which names it and says what to do. */
export async function writing<Result>(path: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (cause) {
    if (isSystemError(cause)) throw notWritten(path, cause);
    throw cause;
  }
}

/** What writing `path` failed for. */
const notWritten = (path: string, cause: unknown): McpError =>
  new McpError(
    'invalid-arguments',
    `${path === '' ? 'a path without a name' : path} can't be written: ${reasonOf(cause)}`,
    {
      hint: 'make room for it, or say another place where you may write',
    },
  );

/** Node 20 has no disposable file handles yet. */
async function disposable(opening: Promise<FileHandle>) {
  const handle = await opening;
  return { handle, [Symbol.asyncDispose]: () => handle.close() };
}
