import { McpError } from '../model/failure.ts';
import { endMark } from './observation-program.ts';

/** What a reply of the observation program holds, by name. */
export type Parts = ReadonlyMap<string, Buffer>;

/**
 * An index of `size time name` lines, a blank line, the parts one after the other, and the end mark. Times are in seconds.
 * Throws `reply-truncated` when a byte is missing.
 */
export function partsOf(
  reply: string,
  host: string,
): { readonly parts: Parts; readonly madeAt: ReadonlyMap<string, number> } {
  const bytes = Buffer.from(reply, 'base64');
  const indexEnd = bytes.indexOf('\n\n');
  const index = linesOf(bytes.subarray(0, Math.max(indexEnd, 0)).toString()).map((line) => line.split(' '));
  const parts = new Map<string, Buffer>();
  let offset = indexEnd + 2;
  for (const [size, , name = ''] of index) {
    parts.set(name, bytes.subarray(offset, offset + Number(size)));
    offset += Number(size);
  }
  if (indexEnd < 0 || bytes.subarray(offset).toString() !== `\n${endMark}\n`) {
    throw new McpError('reply-truncated', `${host}: its answer to the observation is not whole`, {
      host,
      hint: 'run the command again; if it stays, look at free space and memory of the host',
    });
  }
  return { parts, madeAt: new Map(index.map(([, time, name = '']) => [name, Number(time)])) };
}

/** A part as text; empty where it is not there. */
export const textOf = (parts: Parts, name: string): string => (parts.get(name) ?? Buffer.alloc(0)).toString();

export const linesOf = (part: string): readonly string[] => part.split('\n').filter((line) => line !== '');

/** What stands before the first separator, and what behind it. */
export function splitOnce(line: string, separator: string): readonly [string, string] {
  const at = line.indexOf(separator);
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + separator.length)];
}
