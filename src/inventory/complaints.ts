import type { z } from 'zod';
import { type Diagnostic, error, type InventoryPath } from '../model/diagnostic.ts';
import { closestTo } from '../model/did-you-mean.ts';
import type { Service } from '../model/service.ts';
import { type JsonSchema, propertiesAt } from './json-schema.ts';
import { saidTooNarrowly } from './machine-settings.ts';

type Issue = z.core.$ZodIssue;

/** What zod found wrong with `value`, in the operator's words, with what was probably meant. */
export function complaintsOf(
  issues: readonly Issue[],
  { value, schema, services = [] }: Known,
): readonly Diagnostic[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(asKey);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map(
        (key) =>
          saidTooNarrowly([...path, key], services) ?? unknownKey([...path, key], propertiesAt(schema, path)),
      );
    }
    const found = valueAt(value, path);
    return [error(path, sentence(issue, found), hintFor(issue, found))];
  });
}

interface Known {
  readonly value: unknown;
  readonly schema: JsonSchema;
  readonly services?: readonly Service[];
}

/** Where the keys stand that the schema does not know. */
export const unknownKeysIn = (issues: readonly Issue[]): readonly InventoryPath[] =>
  issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path.map(asKey), key]) : [],
  );

/** The part of a parsed file at `path`. */
export function valueAt(value: unknown, path: InventoryPath): unknown {
  return path.reduce<unknown>((part, key) => (isRecord(part) ? part[key] : undefined), value);
}

const isRecord = (value: unknown): value is Readonly<Record<string | number, unknown>> =>
  typeof value === 'object' && value !== null;

const asKey = (key: PropertyKey): string | number => (typeof key === 'symbol' ? String(key) : key);

function unknownKey(path: InventoryPath, known: readonly string[]): Diagnostic {
  const key = String(path.at(-1));
  const meant = closestTo(key, known);
  if (meant !== undefined) return error(path, `unknown key; did you mean ${meant}?`, `write ${meant}`);
  return error(path, 'unknown key', known.length === 0 ? 'remove it' : `use one of ${known.join(', ')}`);
}

function sentence(issue: Issue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue, found);
    case 'invalid_value':
      return wrongChoice(issue.values.map(String), found);
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return tooBig(issue);
    case 'invalid_key':
      return lowerFirst(issue.issues[0]?.message ?? issue.message);
    default:
      return lowerFirst(issue.message);
  }
}

function wrongType({ expected }: { readonly expected: string }, found: unknown): string {
  const wanted = kinds[expected] ?? expected;
  if (found === undefined) return 'is required';
  if (found === null) return `is empty: must be ${wanted}`;
  return `must be ${wanted}, not ${describe(found)}`;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

function describe(found: unknown): string {
  if (Array.isArray(found)) return 'a list';
  if (isRecord(found)) return 'a mapping';
  return typeof found === 'string' ? `“${found}”` : String(found);
}

function wrongChoice(choices: readonly string[], found: unknown): string {
  if (found === undefined) return 'is required';
  const meant = typeof found === 'string' ? closestTo(found, choices) : undefined;
  const wanted = choices.length === 1 ? String(choices[0]) : `one of ${choices.join(', ')}`;
  return `must be ${wanted}, not ${describe(found)}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}

type Bound = { readonly origin: string };

function tooSmall({ origin, minimum }: Bound & { readonly minimum: number | bigint }): string {
  if (origin === 'array' || origin === 'set') return `needs ${counted(minimum, 'entry', 'entries')} at least`;
  if (origin === 'string') return `needs ${counted(minimum, 'character', 'characters')} at least`;
  return `must be at least ${minimum}`;
}

function tooBig({ origin, maximum }: Bound & { readonly maximum: number | bigint }): string {
  if (origin === 'array' || origin === 'set') return `takes ${counted(maximum, 'entry', 'entries')} at most`;
  if (origin === 'string') return `takes ${counted(maximum, 'character', 'characters')} at most`;
  return `must be at most ${maximum}`;
}

const counted = (count: number | bigint, one: string, many: string): string =>
  `${count} ${Number(count) === 1 ? one : many}`;

/** zod's own sentences begin with a capital; ours continue the path they stand behind. */
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function hintFor(issue: Issue, found: unknown): string | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.expected === 'boolean' && typeof found === 'string') return yesAndNo[found.toLowerCase()];
  if (issue.expected === 'string' && (typeof found === 'number' || typeof found === 'boolean')) {
    return `put it in quotes: '${found}'`;
  }
  return undefined;
}

const yesAndNo: Readonly<Record<string, string>> = {
  yes: 'write true',
  on: 'write true',
  no: 'write false',
  off: 'write false',
};
