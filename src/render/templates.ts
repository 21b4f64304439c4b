import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** Template texts by name: `haproxy/haproxy-api.cfg.hbs`. */
export type Templates = ReadonlyMap<string, string>;

const extension = '.hbs';

/** Reads every template below `directory` once. */
export async function loadTemplates(directory: string): Promise<Templates> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return new Map(files.map((file, index) => [nameOf(directory, file), texts[index] ?? '']));
}

/** The one spelling of a template's name, whether its extension was written or not. */
export const templateName = (name: string): string => (name.endsWith(extension) ? name : name + extension);

const nameOf = (directory: string, file: string): string => relative(directory, file).split(sep).join('/');
