import type { Diagnostic, InventoryPath } from '../model/diagnostic.ts';
import { McpError } from '../model/failure.ts';
import { shownPath } from './operator.ts';
import { tooOpen } from './owner-only.ts';
import { type FileRead, readText } from './read-file.ts';
import { isSealed, opened, sealedFor } from './sealed.ts';
import { writeOwned } from './write-owned.ts';

/** What came of reading a file that holds secrets, encrypted or not. */
export type SecretRead =
  | FileRead
  /** It is there, and can't be opened: what is the matter with it, and what to do. */
  | { readonly kind: 'closed'; readonly message: string; readonly hint: string };

/** Reads a file that holds secrets; one that is encrypted with age is opened. */
export async function readSecretText(file: string, largestBytes?: number): Promise<SecretRead> {
  const read = await readText(file, largestBytes);
  if (read.kind !== 'text' || !isSealed(read.text)) return read;
  const inside = await opened(read.text);
  return inside.kind === 'closed' ? inside : { kind: 'text', text: inside.text };
}

/** The text of a file that holds secrets; undefined where there is none. Throws McpError `invalid-arguments`. */
export async function readSecretIfThere(file: string): Promise<string | undefined> {
  const read = await readSecretText(file);
  switch (read.kind) {
    case 'text':
      return read.text;
    case 'missing':
      return undefined;
    case 'closed':
      throw new McpError('invalid-arguments', `${shownPath(file)} ${read.message}`, { hint: read.hint });
    case 'unreadable':
      throw new McpError('invalid-arguments', `${shownPath(file)} can't be read: ${read.reason}`, {
        hint: 'correct that, or name another file in the inventory',
      });
  }
}

/** Complains about a file with secrets that others can read. One that is encrypted is for all to read. */
export async function readableByOthers(file: string, path: InventoryPath): Promise<readonly Diagnostic[]> {
  return (await isSealedFile(file)) ? [] : tooOpen(file, path);
}

/**
 * Writes a file that holds secrets: encrypted where there are recipients, else for its owner alone. Throws McpError
 * `invalid-arguments` where it is encrypted and nobody says for whom.
 */
export async function writeSecretText(
  file: string,
  text: string,
  recipients: readonly string[],
): Promise<void> {
  if (recipients.length > 0) return writeOwned(file, await sealedFor(recipients, text), 0o600);
  if (await isSealedFile(file)) {
    throw new McpError('invalid-arguments', `${shownPath(file)} is encrypted, and nobody says for whom`, {
      hint: 'put back the file of recipients beside the inventory, or name them with `mcp secrets encrypt --recipient`',
    });
  }
  return writeOwned(file, text, 0o600);
}

async function isSealedFile(file: string): Promise<boolean> {
  const read = await readText(file);
  return read.kind === 'text' && isSealed(read.text);
}
