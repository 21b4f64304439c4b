import { type Diagnostic, error, type LocatedDiagnostic, warning } from '../model/diagnostic.ts';
import type { SecretSpec, Secrets } from '../model/secret.ts';
import type { Service } from '../model/service.ts';
import { shownPath } from './operator.ts';
import { largestYaml } from './read-file.ts';
import { readableByOthers, readSecretText } from './secret-file.ts';
import { parseSecrets } from './secrets-file.ts';

/** What the secrets file holds of what is asked for, and what is wrong with it. */
export interface LoadedSecrets {
  readonly secrets: Secrets;
  /** What is there and wrong. */
  readonly wrong: readonly (Diagnostic | LocatedDiagnostic)[];
  /** What is still to be made, or can't be looked at by whoever runs this. */
  readonly missing: readonly Diagnostic[];
}

/** Reads the secrets file, which only its owner may read, and compares it with what is asked for. */
export async function loadSecrets(file: string, specs: readonly SecretSpec[]): Promise<LoadedSecrets> {
  const none: Secrets = new Map();
  const shown = shownPath(file);
  const read = await readSecretText(file, largestYaml);
  if (read.kind === 'unreadable') {
    const wrong = [error(['secrets'], `${shown} can't be read: ${read.reason}`)];
    return { secrets: none, wrong, missing: [] };
  }
  if (read.kind === 'closed') {
    const missing = [error(['secrets'], `${shown} ${read.message}`, read.hint)];
    return { secrets: none, wrong: [], missing };
  }
  if (read.kind === 'missing') {
    const isNeeded = specs.length > 0;
    const missing = isNeeded ? [complaint(`${shown} does not exist yet`)] : [];
    return { secrets: none, wrong: [], missing };
  }
  const { secrets, diagnostics, locate } = parseSecrets(file, read.text);
  const misfits = diagnostics.length > 0 ? [] : specs.flatMap((spec) => misfitOf(spec, secrets));
  return {
    secrets,
    wrong: [...(await readableByOthers(file, ['secrets'])), ...diagnostics, ...misfits.map(locate)],
    missing: diagnostics.length > 0 ? [] : missingOf(specs, secrets),
  };
}

/** Every secret that these services ask for with these settings. */
export function secretSpecs(
  services: readonly Service[],
  settings: Readonly<Record<string, unknown>>,
): readonly SecretSpec[] {
  const specs = services.flatMap((service) => service.secrets?.(settings[service.name]) ?? []);
  return [...new Map(specs.map((spec) => [spec.name, spec])).values()];
}

/** What whoever uses it would choke on later, and far from here. The value is never told. */
function misfitOf(spec: SecretSpec, secrets: Secrets): readonly Diagnostic[] {
  const secret = secrets.get(spec.name);
  const { pattern, wanted } = kinds[spec.kind];
  if (secret === undefined || pattern.test(secret.reveal())) return [];
  if (isPassword(spec) && isShort(secret.reveal())) {
    // In force it may be all the same. Replaced at once it would shut out whoever still has it: a rotation does not.
    return [
      warning(
        [spec.name],
        `the value of ${spec.name} has fewer than 8 characters, and is soon guessed`,
        `run \`mcp secrets rotate ${spec.name}\`, then \`mcp deploy\``,
      ),
    ];
  }
  return [
    error(
      [spec.name],
      `the value of ${spec.name} must be ${wanted}`,
      'remove its line and run `mcp secrets init`',
    ),
  ];
}

const password = { pattern: /^.{8,255}$/, wanted: 'a password of 8 to 255 characters' };
const isPassword = ({ kind }: SecretSpec): boolean => kinds[kind] === password;
/** What YAML has for nothing was meant as that. */
const isShort = (value: string): boolean => value.length < 8 && !/^(~|null)?$/i.test(value);

const kinds: Readonly<Record<SecretSpec['kind'], { readonly pattern: RegExp; readonly wanted: string }>> = {
  password,
  login: password,
  // Erlang reads no more than 255 characters, and a short one is soon guessed: it is all that its nodes ask for.
  // Debian's rabbitmq-server takes one of 20 capitals for Erlang's own, and replaces it at its next upgrade.
  cookie: {
    pattern: /^(?![A-Z]{20}$)[A-Za-z0-9]{20,255}$/,
    wanted: 'a cookie of 20 to 255 letters and digits, not of 20 capitals',
  },
  'hex-key': { pattern: /^([0-9a-fA-F]{2}){32,128}$/, wanted: 'a key of 64 hexadecimal digits or more' },
  'fernet-key': {
    pattern: /^[A-Za-z0-9_-]{43}=$/,
    wanted: 'a Fernet key: 32 bytes in URL-safe base64, which is 44 characters with its =',
  },
};

const missingOf = (specs: readonly SecretSpec[], secrets: Secrets): readonly Diagnostic[] =>
  specs
    .filter(({ name }) => !secrets.has(name))
    .map(({ name }) => complaint(`the secret ${name} is missing`));

const complaint = (message: string): Diagnostic => error(['secrets'], message, 'run `mcp secrets init`');
