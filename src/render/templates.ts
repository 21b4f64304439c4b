import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** Texts by name: of templates (`haproxy/haproxy-api.cfg.hbs`) and of programs (`rabbitmq/rabbitmq-sync.py`). */
export type Templates = ReadonlyMap<string, string>;

const extension = '.hbs';

/** Programs have no values filled in, so that their own linters can read them: they are taken letter for letter. */
export const isPlain = (name: string): boolean => /\.(py|sh|erl)$/.test(name);

/** Reads every template and program below `directory` once. */
export async function loadTemplates(directory: string): Promise<Templates> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && (entry.name.endsWith(extension) || isPlain(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return new Map(files.map((file, index) => [nameOf(directory, file), texts[index] ?? '']));
}

/** The one spelling of a template's name, whether its extension was written or not. */
export const templateName = (name: string): string =>
  name.endsWith(extension) || isPlain(name) ? name : name + extension;

const nameOf = (directory: string, file: string): string => relative(directory, file).split(sep).join('/');
