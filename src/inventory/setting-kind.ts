import type { JsonSchema } from './json-schema.ts';

/** What may be written where the schema has `part`, in a few words: `a whole number, 100 to 8000`. */
export function kindOf(part: JsonSchema): string {
  const { anyOf, enum: choices, const: only, type } = part;
  // Beside a type they are conditions, such as which keys go together.
  if (anyOf && type === undefined) return anyOf.filter(isSchema).map(kindOf).join(', or ');
  if (only !== undefined) return JSON.stringify(only);
  if (choices) return `one of ${choices.join(', ')}`;
  return (typeof type === 'string' ? kinds[type]?.(part) : undefined) ?? 'anything';
}

const kinds: Readonly<Record<string, (part: JsonSchema) => string>> = {
  array: ({ items }) => (isSchema(items) ? `a list, each: ${kindOf(items)}` : 'a list'),
  object: ({ additionalProperties }) => (isSchema(additionalProperties) ? 'a mapping by name' : 'a mapping'),
  boolean: () => 'true or false',
  string: (part) => {
    const message = [part, ...(part.allOf ?? []).filter(isSchema)].find(inWords)?.patternErrorMessage;
    return message === undefined ? 'a text' : asKind(message);
  },
  integer: (part) => `a whole number${boundsOf(part)}`,
  number: (part) => `a number${boundsOf(part)}`,
};

const inWords = ({ patternErrorMessage }: JsonSchema): boolean => patternErrorMessage !== undefined;

/** What is said of a wrong text, as what a right one is. */
const asKind = (message: string): string =>
  message.startsWith('must be ') ? message.slice('must be '.length) : `a text: ${message}`;

const isSchema = (schema: unknown): schema is JsonSchema =>
  typeof schema === 'object' && schema !== null && !Array.isArray(schema);

function boundsOf({ minimum, maximum, multipleOf }: JsonSchema): string {
  const steps = multipleOf === undefined ? '' : `, in steps of ${multipleOf}`;
  const least = set(minimum);
  const most = set(maximum);
  if (least === undefined) return most === undefined ? steps : `, ${most} at most${steps}`;
  return most === undefined ? `, ${least} at least${steps}` : `, ${least} to ${most}${steps}`;
}

/** The schema bounds every whole number by what can be counted exactly; that is no bound that anybody set. */
const set = (bound: number | undefined): number | undefined =>
  bound === undefined || Math.abs(bound) >= Number.MAX_SAFE_INTEGER ? undefined : bound;
