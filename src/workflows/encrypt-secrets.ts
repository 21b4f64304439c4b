import {
  addRecipients,
  isRecipient,
  ownRecipients,
  readSecretIfThere,
  writeSecretText,
} from '../inventory/index.ts';
import { McpError } from '../model/failure.ts';
import { loadTopology } from './load.ts';
import { filesBeside } from './sealed-beside.ts';

export interface EncryptionWishes {
  /** Added to those that the file of recipients names. */
  readonly recipients: readonly string[];
  /** Although nobody here could open it afterwards. */
  readonly anyway: boolean;
}

/** What `mcp secrets encrypt` did. */
export interface EncryptionReport {
  readonly recipientsFile: string;
  readonly recipients: readonly string[];
  readonly files: readonly string[];
}

/**
 * Encrypts the secrets of an inventory and the keys of its certificates for those whom the file of recipients names, so
 * that all of it can lie in a repository. To be repeated when recipients come or go. Throws McpError `invalid-arguments`,
 * `not-confirmed` where none of the identities at hand could open it.
 */
export async function encryptSecrets(
  inventoryFile: string,
  { recipients: added, anyway }: EncryptionWishes,
): Promise<EncryptionReport> {
  const { loaded } = await loadTopology(inventoryFile, { needs: 'topology' });
  await refuseStrangers(added);
  const own = await ownRecipients();
  const named = [...new Set([...loaded.recipients, ...added])];
  const recipients = named.length > 0 ? named : own;
  if (recipients.length === 0) {
    throw new McpError('invalid-arguments', 'nobody is named for whom the secrets are to be encrypted', {
      hint: 'make an identity with `age-keygen -o ~/.config/mcp/age.key`, or name a recipient with --recipient',
    });
  }
  if (!anyway && !recipients.some((each) => own.includes(each))) {
    throw new McpError('not-confirmed', 'none of your identities could open what would be encrypted', {
      hint: 'add your own recipient with --recipient, or say --anyway',
    });
  }
  const files = await filesBeside(loaded);
  // All of them are open before the first one is written.
  const texts = await Promise.all(files.map(async (file) => ({ file, text: await readSecretIfThere(file) })));
  await addRecipients(loaded.recipientsFile, recipients);
  const written: string[] = [];
  for (const { file, text } of texts) {
    if (text === undefined) continue;
    await writeSecretText(file, text, recipients);
    written.push(file);
  }
  return { recipientsFile: loaded.recipientsFile, recipients, files: written };
}

async function refuseStrangers(recipients: readonly string[]): Promise<void> {
  for (const recipient of recipients) {
    if (await isRecipient(recipient)) continue;
    throw new McpError('invalid-arguments', `${recipient} is no recipient of age`, {
      hint: 'a recipient begins with age1; `age-keygen -y` prints that of an identity',
    });
  }
}
