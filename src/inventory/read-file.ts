import { constants } from 'node:fs';
import { type FileHandle, open, readlink } from 'node:fs/promises';
import { McpError } from '../model/failure.ts';
import { shownPath } from './operator.ts';
import { reasonOf } from './system-reasons.ts';

/** What came of reading a file. */
export type FileRead =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * Reads a file of an operator's: text of a size that somebody may have written. Pipes and devices are refused, since
 * they could keep us waiting, or go on, for ever. A link that leads nowhere is not the same as no file: what it led to
 * may be back tomorrow.
 */
export async function readText(file: string, largestBytes = largestText): Promise<FileRead> {
  try {
    // A pipe that nobody writes into opens at once, too.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await readFrom(handle, largestBytes);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (!isMissing(cause)) return { kind: 'unreadable', reason: reasonOf(cause) };
    const target = await readlink(file).catch(() => undefined);
    if (target === undefined) return { kind: 'missing' };
    return { kind: 'unreadable', reason: `it is a link to ${target}, which is not there` };
  }
}

/** The text of a file; undefined where there is none. Throws McpError `invalid-arguments` where it can't be read. */
export async function readIfThere(file: string): Promise<string | undefined> {
  const read = await readText(file);
  if (read.kind === 'unreadable') throw unreadable(file, read.reason);
  return read.kind === 'text' ? read.text : undefined;
}

const unreadable = (file: string, reason: string): McpError =>
  new McpError('invalid-arguments', `${shownPath(file)} can't be read: ${reason}`, {
    hint: 'correct that, or name another file in the inventory',
  });

/** No certificate or override comes to a hundredth of it. */
const largestText = 16 * 1024 * 1024;

/** As much as an inventory of a thousand machines; what is larger would keep the reader of YAML busy for minutes. */
export const largestYaml = 256 * 1024;

async function readFrom(handle: FileHandle, largestBytes: number): Promise<FileRead> {
  const stats = await handle.stat();
  const refuse = (reason: string): FileRead => ({ kind: 'unreadable', reason });
  if (stats.isDirectory()) return refuse('it is a directory');
  if (stats.isFIFO()) return refuse('it is a pipe; put what it says into a file');
  if (!stats.isFile()) return refuse('it is a device');
  if (stats.size > largestBytes) return refuse(`it is larger than ${largestBytes / 1024} kB`);
  const content = await handle.readFile();
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return { kind: 'text', text: decoder.decode(content) };
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    return content.subarray(0, sealedInBinary.length).toString('latin1') === sealedInBinary
      ? refuse('it is encrypted with age in its binary form; encrypt it with `age --armor`')
      : refuse('it is not text in UTF-8');
  }
}

const sealedInBinary = 'age-encryption.org/v1';

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
