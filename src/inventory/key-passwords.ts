import type { Secret } from '../model/secret.ts';
import { absolutePath, shownPath } from './operator.ts';
import { tooOpen } from './owner-only.ts';
import { readText } from './read-file.ts';

/** Asks for the password of a key on a terminal. The same question twice has the same answer. */
export type AskPassword = (question: string) => Promise<Secret>;

/** Passwords that whoever runs this has put where they are looked for. */
export interface GivenPasswords {
  readonly passwords: readonly string[];
  /** Why there are none, and what to do. */
  readonly reason: string;
  readonly hint: string;
}

/**
 * Passwords of keys, as identities of age are given: in the variable `MCP_KEY_PASSWORD` (a pipeline keeps it), and in the file
 * that `MCP_KEY_PASSWORD_FILE` names, or ~/.config/mcp/key-passwords, one a line. Each is tried on each key.
 */
export async function givenPasswords(): Promise<GivenPasswords> {
  const named = process.env['MCP_KEY_PASSWORD_FILE'] ?? '';
  const file = absolutePath(named === '' ? '~/.config/mcp/key-passwords' : named, process.cwd());
  const said = process.env['MCP_KEY_PASSWORD'] ?? '';
  const kept = await passwordsIn(file);
  const passwords = [...(said === '' ? [] : [said]), ...kept.passwords];
  return {
    passwords,
    reason: passwords.length > 0 ? 'no password of yours opens it' : `${shownPath(file)} ${kept.reason}`,
    hint: 'name a file with its password in MCP_KEY_PASSWORD_FILE, put the password into MCP_KEY_PASSWORD, or run this on a terminal, where it is asked for',
  };
}

async function passwordsIn(file: string): Promise<Omit<GivenPasswords, 'hint'>> {
  const none = (reason: string) => ({ passwords: [], reason });
  const read = await readText(file);
  if (read.kind === 'missing') return none('is not there');
  if (read.kind === 'unreadable') return none(`can't be read: ${read.reason}`);
  const [flaw] = await tooOpen(file, []);
  if (flaw !== undefined) return none('can be read by others');
  // Anything else on a line may be a part of it.
  const passwords = read.text.split(/\r?\n/).filter((line) => line !== '');
  return { passwords, reason: 'holds no password' };
}
