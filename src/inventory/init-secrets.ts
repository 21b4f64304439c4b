import { randomBytes, randomInt } from 'node:crypto';
import { McpError } from '../model/failure.ts';
import type { SecretSpec } from '../model/secret.ts';
import { shownPath } from './operator.ts';
import { readableByOthers, readSecretIfThere, writeSecretText } from './secret-file.ts';
import { type ParsedSecrets, parseSecrets } from './secrets-file.ts';

/** What `mcp secrets init` did. */
export interface SecretsReport {
  readonly file: string;
  readonly made: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Makes the secrets that are missing and keeps what exists, in a file that only its owner may read, or that is encrypted
 * for `recipients`. Throws McpError `invalid-inventory` where the existing file can't be understood: it is never
 * overwritten then.
 */
export async function initSecrets(
  file: string,
  specs: readonly SecretSpec[],
  recipients: readonly string[],
): Promise<SecretsReport> {
  const text = await readSecretIfThere(file);
  const { secrets } = understood(file, text ?? '');
  const missing = specs.filter(({ name }) => !secrets.has(name));
  const lines = missing.map((spec) => `${spec.name}: '${generate(spec)}'\n`);
  const extended = [beginning(text), ...lines].join('');
  understood(file, extended);
  const isTooOpen = text !== undefined && (await readableByOthers(file, [])).length > 0;
  if (lines.length > 0 || isTooOpen) await writeSecretText(file, extended, recipients);
  return { file, made: missing.map(({ name }) => name), kept: [...secrets.keys()] };
}

export function understood(file: string, text: string): ParsedSecrets {
  const parsed = parseSecrets(file, text);
  if (parsed.diagnostics.length === 0) return parsed;
  throw new McpError('invalid-inventory', `${shownPath(file)} can't be extended`, {
    diagnostics: parsed.diagnostics,
    hint: "write it as one name: 'value' a line",
  });
}

const introduction =
  '# Made by `mcp secrets init`, which adds what is missing and changes nothing.\n' +
  '# Keep it out of git, or encrypt it: `mcp secrets encrypt`.\n';

const beginning = (text = introduction): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

const lettersAndDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const alphabets: Readonly<Record<Exclude<SecretSpec['kind'], 'fernet-key'>, string>> = {
  password: lettersAndDigits,
  login: lettersAndDigits,
  cookie: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  'hex-key': '0123456789abcdef',
};

export function generate(spec: SecretSpec): string {
  if (spec.kind === 'fernet-key') return fernetKey();
  const alphabet = alphabets[spec.kind];
  return Array.from({ length: spec.length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** As Python's cryptography wants it: 32 bytes in URL-safe base64 with its padding. */
const fernetKey = (): string => `${randomBytes(32).toString('base64url')}=`;
