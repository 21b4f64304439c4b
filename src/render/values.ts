import { McpError } from '../model/failure.ts';
import { isMultiline } from '../model/multiline.ts';
import { Secret } from '../model/secret.ts';

/**
 * What a template may see of `values`: secrets revealed, and every text checked. A text with a newline, a NUL or
 * another control character is refused unless it was handed over as `multiline`: it could add a line, and so a
 * setting or a command, to the file.
 */
export function valuesFor(template: string, values: object): unknown {
  return valueFor(values, { template });
}

/** Spelled out where there is something to say: it is made for every value of every file. */
type Place = { readonly template: string } | { readonly around: Place; readonly key: string | number };

function valueFor(value: unknown, place: Place): unknown {
  if (typeof value === 'string') return checkedText(value, place);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Secret) return checkedText(value.reveal(), place);
  if (isMultiline(value)) return value.text instanceof Secret ? value.text.reveal() : value.text;
  if (Array.isArray(value)) return value.map((item, index) => valueFor(item, { around: place, key: index }));
  if (value instanceof Map || value instanceof Set)
    throw new Error(`${where(place)} is neither list nor object`);
  return partsOf(value, place);
}

function partsOf(value: object, around: Place): Readonly<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined && item !== null) seen[key] = valueFor(item, { around, key });
  }
  return seen;
}

// Tab is the only control character that no file takes for the end of a line.
const breaksLine = /[^\P{Cc}\t]|[\u2028\u2029]/u;

function checkedText(text: string, place: Place): string {
  if (!breaksLine.test(text)) return text;
  throw new McpError('invalid-template', `${where(place)} holds a newline or another control character`, {
    hint: 'Write the value on one line.',
  });
}

const where = (place: Place): string => `${templateOf(place)}: value ${pathTo(place).join('.')}`;

const templateOf = (place: Place): string =>
  'template' in place ? place.template : templateOf(place.around);

const pathTo = (place: Place): readonly (string | number)[] =>
  'template' in place ? [] : [...pathTo(place.around), place.key];
