import { readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { McpError } from '../model/failure.ts';

/** Who asked: the user behind sudo, so that files made as root are theirs and `~` is their home. Undefined without sudo. */
export function userBehindSudo(): { readonly uid: number; readonly gid: number } | undefined {
  const uid = Number(process.env['SUDO_UID'] ?? Number.NaN);
  const gid = Number(process.env['SUDO_GID'] ?? Number.NaN);
  return process.getuid?.() === 0 && Number.isInteger(uid) && Number.isInteger(gid)
    ? { uid, gid }
    : undefined;
}

/** Name of who asked, for what is recorded; the user behind sudo where there is one. */
export function operatorName(): string {
  const behindSudo = process.env['SUDO_USER'];
  if (behindSudo !== undefined && behindSudo !== '') return behindSudo;
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that no user has.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

/** An absolute path: `~` is the operator's home, the rest is read from `folder`. */
export function absolutePath(path: string, folder: string): string {
  if (path === '~' || path.startsWith('~/')) return join(operatorHome(), path.slice(1));
  return isAbsolute(path) ? path : resolve(folder, path);
}

/** A path as the operator would type it here: relative where it lies below the working folder. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere;
}

/** Home of who asked. Throws McpError `invalid-arguments` for a user who has none. */
function operatorHome(): string {
  const user = userBehindSudo();
  return (user && homeOf(user.uid)) ?? ownHome();
}

function ownHome(): string {
  try {
    return homedir();
  } catch (cause) {
    throw new McpError('invalid-arguments', 'this user has no home folder', {
      hint: 'set HOME to a folder that you may write',
      cause,
    });
  }
}

function homeOf(uid: number): string | undefined {
  const entries = readFileSync('/etc/passwd', 'utf8').split('\n');
  return entries.map((entry) => entry.split(':')).find((fields) => fields[2] === String(uid))?.[5];
}
