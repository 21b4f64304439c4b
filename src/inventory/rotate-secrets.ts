import { McpError } from '../model/failure.ts';
import type { Rotation, Secrets } from '../model/secret.ts';
import { generate, understood } from './init-secrets.ts';
import { shownPath } from './operator.ts';
import { readSecretIfThere, writeSecretText } from './secret-file.ts';
import { turnOf } from './secrets-file.ts';

export interface RotationWanted {
  readonly file: string;
  readonly rotations: readonly Rotation[];
  /** For whom the file is encrypted. */
  readonly recipients: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Rotate although the last time was too short ago. */
  readonly anyway: boolean;
}

/** What `mcp secrets rotate` did: names of secrets, never a value. */
export interface RotationReport {
  readonly file: string;
  readonly changed: readonly string[];
}

/**
 * Moves the keys of each rotation on by one place in the secrets file, all in one act. Throws McpError `not-confirmed` when
 * the last turn of one was less than its rest ago, `invalid-inventory` where a key is missing.
 */
export async function rotateSecrets(wanted: RotationWanted): Promise<RotationReport> {
  const { file, rotations, recipients } = wanted;
  const text = (await readSecretIfThere(file)) ?? '';
  const rotated = rotations.reduce((lines, rotation) => movedOn(lines, rotation, wanted), text);
  understood(file, rotated);
  await writeSecretText(file, rotated, recipients);
  return { file, changed: rotations.flatMap(({ chain }) => chain) };
}

function movedOn(text: string, rotation: Rotation, { file, now, anyway }: RotationWanted): string {
  const { secrets } = understood(file, text);
  const missing = rotation.chain.filter((name) => !secrets.has(name));
  if (missing.length > 0) {
    throw new McpError('invalid-inventory', `${shownPath(file)} lacks ${missing.join(', ')}`, {
      hint: 'run `mcp secrets init` first',
    });
  }
  if (!anyway) refuseTooSoon(text, rotation, now);
  const values = rotation.chain.map((name) => secrets.get(name)?.reveal() ?? '');
  const moved = rotation.chain.map((name, place) => ({
    name,
    value: values[place + 1] ?? generate(rotation.renewed),
  }));
  const turned = rotation.renewed.kind === 'login' ? turnedOn(rotation.renewed.name, secrets) : [];
  const lines = [...moved, ...turned].reduce((all, { name, value }) => withValue(all, name, value), text);
  return withMark(lines, rotation, now);
}

/** Its other name is the login's from now on. */
const turnedOn = (name: string, secrets: Secrets) => [
  { name: turnOf(name), value: secrets.get(name)?.turn === 'second' ? 'first' : 'second' },
];

function refuseTooSoon(text: string, { name, restMinutes }: Rotation, now: number): void {
  const last = Date.parse(markOf(name).exec(text)?.[1] ?? '');
  const next = last + restMinutes * 60_000;
  if (Number.isNaN(last) || now >= next) return;
  throw new McpError(
    'not-confirmed',
    `${name} was rotated at ${new Date(last).toISOString()}: what the oldest key protects is still in use`,
    { hint: `wait until ${new Date(next).toISOString()}, or say --anyway` },
  );
}

/** The line that says when a rotation was last done. */
const markOf = (name: string): RegExp => new RegExp(`^# rotated ${name} (\\S+)$`, 'm');

function withMark(text: string, { name }: Rotation, now: number): string {
  const mark = `# rotated ${name} ${new Date(now).toISOString()}`;
  return markOf(name).test(text) ? text.replace(markOf(name), mark) : `${text}${mark}\n`;
}

/** One name stands on one line, which is how this program writes the file and what it asks of others. */
function withValue(text: string, name: string, value: string): string {
  const line = new RegExp(`^(['"]?)${name.replaceAll('.', '\\.')}\\1\\s*:.*$`, 'm');
  const written = `${name}: '${value}'`;
  return line.test(text) ? text.replace(line, () => written) : `${text}${written}\n`;
}
