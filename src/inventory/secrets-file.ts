import { type Diagnostic, error, type LocatedDiagnostic } from '../model/diagnostic.ts';
import { Secret, type Secrets } from '../model/secret.ts';
import { shownPath } from './operator.ts';
import { parseYaml } from './yaml-source.ts';

/** The secrets that a text holds, and what is wrong with it. No message quotes any of it. */
export interface ParsedSecrets {
  readonly secrets: Secrets;
  readonly diagnostics: readonly LocatedDiagnostic[];
  /** Puts a complaint about one of them where it stands. */
  locate(flaw: Diagnostic): LocatedDiagnostic;
}

/** Parses a secrets file: a YAML mapping of names to values, every value a text. */
export function parseSecrets(file: string, text: string): ParsedSecrets {
  const shown = shownPath(file);
  const source = parseYaml(shown, text, { plainScalars: true });
  const locate = (flaw: Diagnostic): LocatedDiagnostic => ({ ...flaw, ...source.placeOf(flaw.path) });
  const complain = (message: string, hint?: string): ParsedSecrets => ({
    secrets: new Map(),
    diagnostics: [{ ...error([], message, hint), file: shown, line: 1, column: 1 }],
    locate,
  });
  const flaws = source.diagnostics.map((flaw) => ({ ...flaw, message: withoutContent(flaw.message) }));
  if (isMapping(source.value) && isMapping(source.value['sops'])) {
    return complain(
      'is encrypted with sops, which mcp does not read',
      'decrypt it with `sops decrypt`, and encrypt it with `mcp secrets encrypt`',
    );
  }
  if (source.value === null) return { secrets: new Map(), diagnostics: flaws, locate };
  if (flaws.length === 0 && !isMapping(source.value)) return complain(`is not a mapping of ${oneLine}`);
  const entries = isMapping(source.value) ? Object.entries(source.value) : [];
  const turns = new Map(entries.filter(([name]) => name.endsWith(turnSuffix)));
  const unsafe = entries.filter(([, value]) => typeof value !== 'string' || !isSafeAnywhere(value));
  const complaints = unsafe.map(([name]) =>
    locate(error([name], `the value of ${name} may hold letters, digits and . _ ~ = - only`)),
  );
  const strange = [...turns].filter(([, value]) => value !== 'first' && value !== 'second');
  return {
    secrets: new Map(
      entries
        .filter(([name]) => !turns.has(name))
        .map(([name, value]) => {
          const turn = turns.get(turnOf(name)) === 'second' ? 'second' : 'first';
          return [name, new Secret(String(value), turn)];
        }),
    ),
    diagnostics: [
      ...flaws,
      ...complaints,
      ...strange.map(([name]) =>
        locate(error([name], `${name} is first or second: which of its two names a login has now`)),
      ),
    ],
    locate,
  };
}

/** Under which name it stands whose turn it is: beside the password, and no secret. */
export const turnOf = (name: string): string => `${name}${turnSuffix}`;
const turnSuffix = '.turn';

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const oneLine = "name: 'value'";

/** A parser quotes what it stumbles over, and here that may be a secret. */
const withoutContent = (message: string): string =>
  message.startsWith('this key is given twice') ? message : `is not written as ${oneLine}`;

/** Safe unquoted in every kind of file that a secret is rendered into, URLs included. */
const isSafeAnywhere = (value: string): boolean => /^[A-Za-z0-9._~=-]+$/.test(value);
