import { type Diagnostic, error, type LocatedDiagnostic } from '../model/diagnostic.ts';
import type { SecretSpec, Secrets } from '../model/secret.ts';
import type { Service } from '../model/service.ts';
import { shownPath } from './operator.ts';
import { largestYaml } from './read-file.ts';
import { readableByOthers, readSecretText } from './secret-file.ts';
import { parseSecrets } from './secrets-file.ts';

/** What the secrets file holds of what is asked for, and what is wrong with it. */
export interface LoadedSecrets {
  readonly secrets: Secrets;
  readonly diagnostics: readonly (Diagnostic | LocatedDiagnostic)[];
}

/** Reads the secrets file, which only its owner may read, and compares it with what is asked for. */
export async function loadSecrets(file: string, specs: readonly SecretSpec[]): Promise<LoadedSecrets> {
  const none: Secrets = new Map();
  const shown = shownPath(file);
  const read = await readSecretText(file, largestYaml);
  if (read.kind === 'unreadable') {
    const diagnostics = [error(['secrets'], `${shown} can't be read: ${read.reason}`)];
    return { secrets: none, diagnostics };
  }
  if (read.kind === 'closed') {
    return { secrets: none, diagnostics: [error(['secrets'], `${shown} ${read.message}`, read.hint)] };
  }
  if (read.kind === 'missing') {
    const isNeeded = specs.length > 0;
    return { secrets: none, diagnostics: isNeeded ? [complaint(`${shown} does not exist yet`)] : [] };
  }
  const { secrets, diagnostics } = parseSecrets(file, read.text);
  const missing = diagnostics.length > 0 ? [] : missingOf(specs, secrets);
  return {
    secrets,
    diagnostics: [...(await readableByOthers(file, ['secrets'])), ...diagnostics, ...missing],
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

const missingOf = (specs: readonly SecretSpec[], secrets: Secrets): readonly Diagnostic[] =>
  specs
    .filter(({ name }) => !secrets.has(name))
    .map(({ name }) => complaint(`the secret ${name} is missing`));

const complaint = (message: string): Diagnostic => error(['secrets'], message, 'run `mcp secrets init`');
