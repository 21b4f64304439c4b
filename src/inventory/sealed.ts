import { absolutePath, shownPath } from './operator.ts';
import { tooOpen } from './owner-only.ts';
import { readText } from './read-file.ts';

/** Whether a text is a file that age has encrypted, in its armored form. */
export const isSealed = (text: string): boolean => text.trimStart().startsWith(armor);

const armor = '-----BEGIN AGE ENCRYPTED FILE-----';

/** What came of opening a file that is encrypted. */
export type Opened =
  | { readonly kind: 'open'; readonly text: string }
  | { readonly kind: 'closed'; readonly message: string; readonly hint: string };

/**
 * Decrypts an armored age file with the identities of whoever runs this: those in the variable `MCP_AGE_KEY` (a pipeline
 * keeps it), and those of the file that `MCP_AGE_KEY_FILE` names, or of ~/.config/mcp/age.key. Messages quote nothing of
 * either.
 */
export async function opened(text: string): Promise<Opened> {
  const identities = await ownIdentities();
  if ('kind' in identities) return identities;
  const { armor: armored, Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const identity of identities) {
    try {
      decrypter.addIdentity(identity);
    } catch {
      return {
        kind: 'closed',
        message: 'is encrypted with age, and one of your identities is none that mcp knows',
        hint: 'an identity is a line that begins with AGE-SECRET-KEY-1; `age-keygen` makes one',
      };
    }
  }
  try {
    return { kind: 'open', text: await decrypter.decrypt(armored.decode(text), 'text') };
  } catch {
    return {
      kind: 'closed',
      message: 'is encrypted with age, and none of your identities opens it',
      hint: 'ask somebody who can open it to add your recipient with `mcp secrets encrypt --recipient`',
    };
  }
}

/** Encrypts a text for all of these recipients (`age1…`), armored. Throws where one of them is none: see `isRecipient`. */
export async function sealedFor(recipients: readonly string[], text: string): Promise<string> {
  const { armor: armored, Encrypter } = await import('age-encryption');
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armored.encode(await encrypter.encrypt(text));
}

/** Whether something can be encrypted for it. */
export async function isRecipient(recipient: string): Promise<boolean> {
  const { Encrypter } = await import('age-encryption');
  try {
    new Encrypter().addRecipient(recipient);
    return true;
  } catch {
    return false;
  }
}

/** The recipients of the identities that are at hand; empty where there are none. */
export async function ownRecipients(): Promise<readonly string[]> {
  const identities = await ownIdentities();
  if ('kind' in identities) return [];
  const { identityToRecipient } = await import('age-encryption');
  return Promise.all(identities.map((identity) => identityToRecipient(identity)));
}

async function ownIdentities(): Promise<readonly string[] | Extract<Opened, { kind: 'closed' }>> {
  const named = process.env['MCP_AGE_KEY_FILE'] ?? '';
  const file = absolutePath(named === '' ? '~/.config/mcp/age.key' : named, process.cwd());
  const given = identitiesIn(process.env['MCP_AGE_KEY'] ?? '');
  const read = await readText(file);
  if (read.kind === 'text') {
    const [flaw] = await tooOpen(file, []);
    if (flaw !== undefined)
      return { kind: 'closed', message: `can't be opened: ${flaw.message}`, hint: flaw.hint ?? '' };
    return [...given, ...identitiesIn(read.text)];
  }
  if (given.length > 0 && named === '') return given;
  const reason = read.kind === 'missing' ? 'is not there' : `can't be read: ${read.reason}`;
  return {
    kind: 'closed',
    message: `is encrypted with age, and ${shownPath(file)} ${reason}`,
    hint: 'name a file with your identity in MCP_AGE_KEY_FILE, or put the identity itself into MCP_AGE_KEY',
  };
}

/** One a line, comments left out. */
const identitiesIn = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
