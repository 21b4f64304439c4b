import { readFile } from 'node:fs/promises';

/** The text of a file; undefined where there is none. Throws what the system says where it can't be read. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cause;
  }
}

/** Whether reading failed because nothing is there. */
export const isMissing = (cause: unknown): boolean =>
  codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR';

/** Why reading failed, in a few words. */
export function reasonOf(cause: unknown): string {
  const code = codeOf(cause);
  return (code !== undefined && reasons[code]) || (cause instanceof Error ? cause.message : String(cause));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
}
