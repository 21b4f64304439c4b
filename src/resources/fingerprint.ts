import { createHash } from 'node:crypto';
import type { FileResource } from '../model/resource.ts';

/** Hash of what the files mean to the unit that reads them: comments and blank lines are left out. */
export function fingerprintOf(files: readonly FileResource[]): string {
  const parts = files
    .map((file) => `${file.path}\n${file.mode} ${file.owner}:${file.group}\n${meaningOf(file)}`)
    .sort();
  return sha256(parts.join('\0'));
}

/** The lines of a file that its reader acts on. */
export function meaningOf({ content, comment }: Pick<FileResource, 'content' | 'comment'>): string {
  if (comment === 'none') return content;
  return content
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !line.trimStart().startsWith(comment))
    .join('\n');
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
