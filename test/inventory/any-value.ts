import fc from 'fast-check';
import type { JsonSchema } from '../../src/inventory/json-schema.ts';

/** A value as its schema allows it; its bounds are tried as often as all between them. */
export function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter(isSchema);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (alternatives.length > 0 && schema.properties === undefined) {
    return fc.oneof(...alternatives.map(fitting));
  }
  return kinds[String(schema.type)]?.fitting(schema) ?? fc.constant('');
}

/** A value that its schema does not allow: beyond a bound, of another kind, or with something in it that is. */
export function unfit(schema: JsonSchema): fc.Arbitrary<unknown> {
  const inside = kinds[schema.enum === undefined ? String(schema.type) : 'enum']?.unfit(schema);
  return inside === undefined ? ofAnotherKind : fc.oneof({ weight: 6, arbitrary: inside }, ofAnotherKind);
}

const ofAnotherKind = fc.constantFrom<unknown>(null, 'yes, please', -0.5, { a: 1 }, [['x']]);

interface Kind {
  fitting(schema: JsonSchema): fc.Arbitrary<unknown>;
  unfit(schema: JsonSchema): fc.Arbitrary<unknown> | undefined;
}

const kinds: Readonly<Record<string, Kind>> = {
  boolean: { fitting: () => fc.boolean(), unfit: () => undefined },
  enum: { fitting: () => fc.constant(''), unfit: () => undefined },
  number: {
    fitting: (schema) =>
      fc.oneof(
        fc.constantFrom(...endsOf(schema)),
        fc.double({ ...between(schema), noNaN: true, noDefaultInfinity: true }),
      ),
    unfit: (schema) => fc.constantFrom(endsOf(schema)[0] - 0.01, endsOf(schema)[1] + 0.01),
  },
  integer: {
    fitting: (schema) => fc.oneof(fc.constantFrom(...endsOf(schema)), fc.integer(between(schema))),
    unfit: (schema) => fc.constantFrom(endsOf(schema)[0] - 1, endsOf(schema)[1] + 1, endsOf(schema)[0] + 0.5),
  },
  string: { fitting: text, unfit: (schema) => fc.constantFrom(...wrongTexts(schema)) },
  array: {
    fitting: ({ items, minItems = 0 }) =>
      fc.array(isSchema(items) ? fitting(items) : fc.constant('x'), { minLength: minItems, maxLength: 3 }),
    unfit: ({ items, minItems = 0 }) =>
      fc.oneof(
        ...(minItems > 0 ? [fc.constant([])] : []),
        fc.array(isSchema(items) ? unfit(items) : fc.constant(1), { minLength: 1, maxLength: 2 }),
      ),
  },
  object: {
    fitting: (schema) => anyObject(schema, 'fitting'),
    unfit: (schema) => anyObject(schema, 'unfit'),
  },
};

/** As an integer of ours has no bound, one that is far away. */
const endsOf = ({ minimum = -1, maximum = 1_000_000 }: JsonSchema) => [minimum, maximum] as const;
const between = (schema: JsonSchema) => ({ min: endsOf(schema)[0], max: endsOf(schema)[1] });

/** Where several patterns have to match, the longest that says what the text looks like, and not what it must not. */
function text({ pattern, allOf = [], maxLength = 1000, minLength = 0 }: JsonSchema): fc.Arbitrary<string> {
  const parts = [pattern, ...allOf.filter(isSchema).map((part) => part.pattern)].filter(isText);
  const [shape] = parts
    .filter((each) => !each.includes('(?!'))
    .toSorted((one, other) => other.length - one.length);
  const others = parts.filter((each) => each !== shape);
  if (shape === undefined) return minLength > 0 ? fc.constantFrom(...paths) : fc.constant('x');
  const matching = fc
    .stringMatching(new RegExp(shape))
    .filter((word) => word.length <= maxLength && others.every((other) => new RegExp(other).test(word)));
  const usual = likely.filter((word) => parts.every((each) => new RegExp(each).test(word)));
  return usual.length === 0
    ? matching
    : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...usual) }, matching);
}

/** Addresses and networks of the layouts' that are free: others are hardly ever where they have to be. */
const likely = [200, 201, 202, 203, 204, 205, 206, 207, 208, 209]
  .map((last) => `10.77.0.${last}`)
  .concat(['10.0.0.0/8', '192.0.2.0/24', '198.51.100.128/25', '203.0.113.7/32']);

const paths = ['beside', './beside', '/tmp/nowhere/at all', '~/beside', 'ü'];

const wrongTexts = ({ maxLength, minLength }: JsonSchema): readonly unknown[] => [
  '',
  ...(minLength === undefined
    ? ['a b;', '-', 'ü', '../..', 'one\ntwo', 'x'.repeat((maxLength ?? 300) + 1)]
    : [7]),
];

/** All its required keys and some of the others; where it is to be wrong, one of them is, or one too many. */
function anyObject(schema: JsonSchema, how: 'fitting' | 'unfit'): fc.Arbitrary<unknown> {
  const { properties, additionalProperties, propertyNames, required = [] } = schema;
  const known = Object.entries(properties ?? {}).filter((entry): entry is [string, JsonSchema] =>
    isSchema(entry[1]),
  );
  if (known.length === 0 && isSchema(additionalProperties)) {
    const names = isSchema(propertyNames) ? propertyNames : { type: 'string' as const };
    return how === 'fitting'
      ? fc.dictionary(fitting(names).map(String), fitting(additionalProperties), { maxKeys: 2 })
      : fc.oneof(
          { weight: 5, arbitrary: oneOf(fitting(names), unfit(additionalProperties)) },
          oneOf(unfit(names), fitting(additionalProperties)),
        );
  }
  const right = fc.record(Object.fromEntries(known.map(([key, part]) => [key, fitting(part)])), {
    requiredKeys: required,
  });
  if (how === 'fitting') return right;
  const wrong = known.map(([key, part]) => unfit(part).map((value) => ({ [key]: value })));
  return fc
    .tuple(right, fc.oneof(...wrong, fc.constant({ tooMuch: 1 })))
    .map(([some, part]) => ({ ...some, ...part }));
}

const oneOf = (name: fc.Arbitrary<unknown>, value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.tuple(name, value).map(([key, inner]) => ({ [String(key)]: inner }));

const isText = (part: unknown): part is string => typeof part === 'string';
const isSchema = (part: unknown): part is JsonSchema =>
  typeof part === 'object' && part !== null && !Array.isArray(part);
