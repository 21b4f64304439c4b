import { stat } from 'node:fs/promises';
import { type Diagnostic, error, type InventoryPath } from '../model/diagnostic.ts';
import { shownPath } from './operator.ts';

/** Complains about a file with secrets that others than its owner can read; `path` is where the inventory names it. */
export async function tooOpen(file: string, path: InventoryPath): Promise<readonly Diagnostic[]> {
  const mode = (await stat(file)).mode & 0o777;
  if ((mode & 0o077) === 0) return [];
  const shown = shownPath(file);
  const found = mode.toString(8).padStart(4, '0');
  return [error(path, `${shown} can be read by others (mode ${found})`, `run \`chmod 600 ${shown}\``)];
}
