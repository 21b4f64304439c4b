import { randomBytes } from 'node:crypto';
import { chown, type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { userBehindSudo } from './operator.ts';

/** Writes a file in one act: a reader finds the old text or the new one, never less. It belongs to the user behind sudo. */
export async function writeOwned(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await using file = await disposable(open(draft, 'wx', 0o600));
    await file.handle.writeFile(text);
    await file.handle.chmod(mode);
    const owner = userBehindSudo();
    if (owner) await file.handle.chown(owner.uid, owner.gid);
    await file.handle.sync();
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    throw cause;
  }
}

/** Makes a folder that belongs to the user behind sudo; one that exists stays as it is. */
export async function makeOwnedDirectory(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o755 });
  const owner = userBehindSudo();
  if (made === undefined || !owner) return;
  for (let folder = path; folder.startsWith(made); folder = dirname(folder)) {
    await chown(folder, owner.uid, owner.gid);
  }
}

/** Node 20 has no disposable file handles yet. */
async function disposable(opening: Promise<FileHandle>) {
  const handle = await opening;
  return { handle, [Symbol.asyncDispose]: () => handle.close() };
}
