import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic, InventoryPath } from '../model/diagnostic.ts';
import { McpError } from '../model/failure.ts';
import { shownPath } from './operator.ts';
import { tooOpen } from './owner-only.ts';
import { type FileRead, readIfThere, readText } from './read-file.ts';
import { isSealed, type Opened, opened, sealedFor } from './sealed.ts';
import { writeOwned } from './write-owned.ts';

/** What came of reading a file that holds secrets, encrypted or not. */
export type SecretRead = FileRead | Extract<Opened, { kind: 'closed' }>;

/** Reads a file that holds secrets; one that is encrypted with age is opened. */
export async function readSecretText(file: string, largestBytes?: number): Promise<SecretRead> {
  const read = await readText(file, largestBytes);
  if (read.kind !== 'text' || !isSealed(read.text)) return read;
  const inside = await opened(read.text);
  return inside.kind === 'closed' ? inside : { kind: 'text', text: inside.text };
}

/** The text of a file that holds secrets; undefined where there is none. Throws McpError `invalid-arguments`. */
export async function readSecretIfThere(file: string): Promise<string | undefined> {
  const text = await readIfThere(file);
  if (text === undefined || !isSealed(text)) return text;
  const inside = await opened(text);
  if (inside.kind === 'open') return inside.text;
  throw new McpError('invalid-arguments', `${shownPath(file)} ${inside.message}`, { hint: inside.hint });
}

/** The files of an inventory that hold secrets: those that are there of the secrets file and the keys of certificates. */
export async function filesWithSecrets(
  secretsFile: string,
  certificates: string,
): Promise<readonly string[]> {
  const names = await readdir(certificates).catch((): readonly string[] => []);
  const keys = names.filter((name) => name.endsWith('.key')).toSorted();
  const files = [secretsFile, ...keys.map((name) => join(certificates, name))];
  const read = await Promise.all(files.map((file) => readText(file)));
  return files.filter((_file, index) => read[index]?.kind === 'text');
}

/**
 * Refuses to write anything where others of these files are encrypted and nobody is named for whom: what is new would lie
 * among them in the clear. Throws McpError `invalid-arguments`.
 */
export async function refuseInTheClear(
  files: readonly string[],
  recipients: readonly string[],
  recipientsFile: string,
): Promise<void> {
  if (recipients.length > 0) return;
  for (const file of files) {
    if (!(await isSealedFile(file))) continue;
    throw new McpError(
      'invalid-arguments',
      `${shownPath(file)} is encrypted, and ${shownPath(recipientsFile)} names nobody`,
      {
        hint: 'put that file back, or name recipients with `mcp secrets encrypt --recipient`',
      },
    );
  }
}

/** Complains about a file with secrets that others can read. One that is encrypted is for all to read. */
export async function readableByOthers(file: string, path: InventoryPath): Promise<readonly Diagnostic[]> {
  return (await isSealedFile(file)) ? [] : tooOpen(file, path);
}

/** Writes a file that holds secrets: encrypted where there are recipients, else for its owner alone. See `refuseInTheClear`. */
export async function writeSecretText(
  file: string,
  text: string,
  recipients: readonly string[],
): Promise<void> {
  await writeOwned(file, recipients.length > 0 ? await sealedFor(recipients, text) : text, 0o600);
}

export async function isSealedFile(file: string): Promise<boolean> {
  const read = await readText(file);
  return read.kind === 'text' && isSealed(read.text);
}
