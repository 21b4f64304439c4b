import { randomInt } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { type Diagnostic, error, type LocatedDiagnostic } from '../model/diagnostic.ts';
import { McpError } from '../model/failure.ts';
import { Secret, type SecretSpec, type Secrets } from '../model/secret.ts';
import type { Service } from '../model/service.ts';
import { shownPath } from './operator.ts';
import { isMissing, reasonOf } from './read-failure.ts';
import { writeOwned } from './write-owned.ts';
import { parseYaml } from './yaml-source.ts';

/** What the secrets file holds, and what is wrong with it. Values are never part of a message. */
export interface LoadedSecrets {
  readonly secrets: Secrets;
  readonly diagnostics: readonly (Diagnostic | LocatedDiagnostic)[];
}

/** Reads the secrets file: a YAML mapping of names to values, which only its owner may read. */
export async function loadSecrets(file: string): Promise<LoadedSecrets> {
  const none: Secrets = new Map();
  const path = ['secrets'];
  const text = await readText(file);
  if (text === undefined) {
    return { secrets: none, diagnostics: [error(path, `${shownPath(file)} does not exist yet`, initHint)] };
  }
  if (text instanceof Error) {
    return {
      secrets: none,
      diagnostics: [error(path, `${shownPath(file)} can't be read: ${reasonOf(text)}`)],
    };
  }
  const mode = await tooOpen(file);
  const parsed = parseSecrets(file, text);
  return { secrets: parsed.secrets, diagnostics: [...mode, ...parsed.diagnostics] };
}

/** Every secret that these services ask for with these settings. */
export function secretSpecs(
  services: readonly Service[],
  settings: Readonly<Record<string, unknown>>,
): readonly SecretSpec[] {
  const specs = services.flatMap((service) => service.secrets?.(settings[service.name]) ?? []);
  return [...new Map(specs.map((spec) => [spec.name, spec])).values()];
}

/** The secrets that are asked for and not there. */
export function missingSecrets(specs: readonly SecretSpec[], secrets: Secrets): readonly Diagnostic[] {
  return specs
    .filter(({ name }) => !secrets.has(name))
    .map(({ name }) => error(['secrets'], `the secret ${name} is missing`, initHint));
}

/** What `mcp secrets init` did. */
export interface SecretsReport {
  readonly file: string;
  readonly made: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Makes the secrets that are missing and keeps those that exist, in a file that only its owner may read. Throws
 * McpError `invalid-inventory` where the existing file can't be understood: it is never overwritten then.
 */
export async function initSecrets(file: string, specs: readonly SecretSpec[]): Promise<SecretsReport> {
  const text = (await readText(file)) ?? '';
  if (text instanceof Error)
    throw new McpError('invalid-inventory', `${shownPath(file)} can't be read: ${reasonOf(text)}`);
  const { secrets, diagnostics } = text === '' ? noSecrets : parseSecrets(file, text);
  if (diagnostics.length > 0) {
    throw new McpError('invalid-inventory', `${shownPath(file)} can't be extended`, { diagnostics });
  }
  const missing = specs.filter(({ name }) => !secrets.has(name));
  const isTooOpen = text !== '' && (await tooOpen(file)).length > 0;
  const lines = missing.map((spec) => `${spec.name}: '${generate(spec)}'\n`);
  if (lines.length > 0 || isTooOpen) await writeOwned(file, [beginning(text), ...lines].join(''), 0o600);
  return { file, made: missing.map(({ name }) => name), kept: [...secrets.keys()] };
}

const initHint = 'run `mcp secrets init`';

const noSecrets = { secrets: new Map<string, Secret>(), diagnostics: [] as readonly LocatedDiagnostic[] };

function beginning(text: string): string {
  if (text === '')
    return '# Made by `mcp secrets init`, which adds what is missing and changes nothing. Keep it out of git.\n';
  return text.endsWith('\n') ? text : `${text}\n`;
}

async function readText(file: string): Promise<string | Error | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}

async function tooOpen(file: string): Promise<readonly Diagnostic[]> {
  const mode = (await stat(file)).mode & 0o777;
  if ((mode & 0o077) === 0) return [];
  const found = mode.toString(8).padStart(4, '0');
  return [
    error(
      ['secrets'],
      `${shownPath(file)} can be read by others (mode ${found})`,
      `run \`chmod 600 ${shownPath(file)}\``,
    ),
  ];
}

function parseSecrets(file: string, text: string) {
  if (/^(age-encryption\.org\/|-----BEGIN AGE ENCRYPTED FILE-----)/.test(text)) {
    return {
      secrets: noSecrets.secrets,
      diagnostics: [
        {
          ...error([], 'is encrypted with age, which this version of mcp does not read yet'),
          hint: 'decrypt it to a file with mode 0600',
          ...{ file: shownPath(file), line: 1, column: 1 },
        },
      ],
    };
  }
  const source = parseYaml(shownPath(file), text, { plainScalars: true });
  const isMapping = typeof source.value === 'object' && source.value !== null && !Array.isArray(source.value);
  const entries = isMapping ? Object.entries(source.value ?? {}) : [];
  const broken = entries.filter(([, value]) => typeof value !== 'string' || !isSafeAnywhere(value));
  const secrets = new Map(entries.map(([name, value]) => [name, new Secret(String(value))]));
  const complaints = broken.map(([name]) => ({
    ...error([name], `the value of ${name} may hold letters, digits and . _ ~ = - only`),
    ...source.placeOf([name]),
  }));
  const flaws = source.diagnostics.map((flaw) => ({ ...flaw, message: withoutContent(flaw.message) }));
  return { secrets, diagnostics: [...flaws, ...complaints] };
}

/** A parser quotes what it stumbles over, and here that may be a secret. */
const withoutContent = (message: string): string =>
  message.startsWith('this key is given twice') ? message : "is not written as name: 'value'";

/** Safe unquoted in every kind of file that a secret is rendered into, URLs included. */
const isSafeAnywhere = (value: string): boolean => /^[A-Za-z0-9._~=-]+$/.test(value);

const alphabets: Readonly<Record<SecretSpec['kind'], string>> = {
  password: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  cookie: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  'hex-key': '0123456789abcdef',
};

function generate({ kind, length }: SecretSpec): string {
  const alphabet = alphabets[kind];
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
