import { absolutePath, shownPath } from './operator.ts';
import { tooOpen } from './owner-only.ts';
import { readText } from './read-file.ts';

/** Whether a text is a file that age has encrypted, in its armored form. */
export const isSealed = (text: string): boolean => text.trimStart().startsWith(armor);

const armor = '-----BEGIN AGE ENCRYPTED FILE-----';

/** What came of opening a file that is encrypted. */
export type Opened =
  | { readonly kind: 'open'; readonly text: string }
  /** What is the matter with it, and what to do. */
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
  for (const identity of identities) decrypter.addIdentity(identity);
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
  return isTaken(() => new Encrypter().addRecipient(recipient));
}

/** The recipients of the identities that are at hand; empty where there are none. */
export async function ownRecipients(): Promise<readonly string[]> {
  const identities = await ownIdentities();
  if ('kind' in identities) return [];
  const { identityToRecipient } = await import('age-encryption');
  return Promise.all(identities.map((identity) => identityToRecipient(identity)));
}

/** Those that age itself knows: an identity of a plugin, or of ssh, is left out. */
async function ownIdentities(): Promise<readonly string[] | Extract<Opened, { kind: 'closed' }>> {
  const named = process.env['MCP_AGE_KEY_FILE'] ?? '';
  const file = absolutePath(named === '' ? '~/.config/mcp/age.key' : named, process.cwd());
  const given = entriesIn(process.env['MCP_AGE_KEY'] ?? '');
  const kept = await identitiesOf(file);
  const found = [...given, ...('reason' in kept ? [] : kept)];
  const known = await Promise.all(found.map(isIdentity));
  const identities = found.filter((_each, index) => known[index] === true);
  if (identities.length > 0) return identities;
  const reason = 'reason' in kept ? kept.reason : 'holds no identity that mcp knows';
  return {
    kind: 'closed',
    message: `is encrypted with age, and ${shownPath(file)} ${reason}`,
    hint: 'name a file with your identity (AGE-SECRET-KEY-1…) in MCP_AGE_KEY_FILE, or put the identity itself into MCP_AGE_KEY',
  };
}

async function identitiesOf(file: string): Promise<readonly string[] | { readonly reason: string }> {
  const read = await readText(file);
  if (read.kind === 'missing') return { reason: 'is not there' };
  if (read.kind === 'unreadable') return { reason: `can't be read: ${read.reason}` };
  const [flaw] = await tooOpen(file, []);
  return flaw === undefined ? entriesIn(read.text) : { reason: 'can be read by others' };
}

async function isIdentity(identity: string): Promise<boolean> {
  const { Decrypter } = await import('age-encryption');
  return isTaken(() => new Decrypter().addIdentity(identity));
}

/** What age says of it may quote it. */
function isTaken(add: () => void): boolean {
  try {
    add();
    return true;
  } catch {
    return false;
  }
}

/** The entries of a list as age writes them: one a line, comments left out. */
export const entriesIn = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
