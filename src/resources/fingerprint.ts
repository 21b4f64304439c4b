import { createHash } from 'node:crypto';
import type { FileResource } from '../model/resource.ts';

/**
 * Hash of what the files mean to the unit that reads them while it runs: comments, blank lines and what only its next
 * start reads are left out.
 */
export const fingerprintOf = (files: readonly FileResource[]): string =>
  hashOf(files, (file) => withoutLines(meaningOf(file), file.readAtStart));

/** As records have it from before lines that only the next start reads were told apart. */
export const wholeFingerprintOf = (files: readonly FileResource[]): string => hashOf(files, meaningOf);

function hashOf(files: readonly FileResource[], textOf: (file: FileResource) => string): string {
  const parts = files
    .map((file) => `${file.path}\n${file.mode} ${file.owner}:${file.group}\n${textOf(file)}`)
    .sort();
  return sha256(parts.join('\0'));
}

const withoutLines = (text: string, pattern: RegExp | undefined): string =>
  pattern === undefined
    ? text
    : text
        .split('\n')
        .filter((line) => !pattern.test(line))
        .join('\n');

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
