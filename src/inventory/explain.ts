import type { InventoryPath } from '../model/diagnostic.ts';
import { closestTo } from '../model/did-you-mean.ts';
import type { Explanation, SettingWords } from '../model/explanation.ts';
import { McpError } from '../model/failure.ts';
import type { Service } from '../model/service.ts';
import { inventoryJsonSchema, type JsonSchema, partsAt, propertiesAt } from './json-schema.ts';
import { kindOf } from './setting-kind.ts';

/**
 * What the schema says of `path`: dotted, with `*` or any name for a key that the operator chooses; empty: of the whole.
 * Throws McpError `invalid-arguments` where there is no such setting, with the one that was probably meant.
 */
export function explainSetting(path: string, services: readonly Service[]): Explanation {
  const schema = inventoryJsonSchema(services);
  const keys = knownKeys(schema, path === '' ? [] : path.split('.'));
  return {
    ...wordsAt(schema, keys),
    path: keys.join('.'),
    saidAt: placesOf(schema, keys).map((place) => place.join('.')),
    settings: keysBelow(schema, keys).map((name) => ({ name, ...wordsAt(schema, [...keys, name]) })),
  };
}

/** Every path that the schema knows, for completion. */
export function settingPaths(services: readonly Service[]): readonly string[] {
  return pathsBelow(inventoryJsonSchema(services), []).map((keys) => keys.join('.'));
}

type Keys = readonly string[];

/** `keys` as the schema has them: a name that the operator chose becomes `*`. */
function knownKeys(schema: JsonSchema, keys: Keys): Keys {
  const known: string[] = [];
  for (const key of keys) {
    const below = keysBelow(schema, known);
    const isOwnName = below.includes(anyName) && key !== '';
    if (!isOwnName && !below.includes(key)) throw unknownSetting(schema, { keys, known, key, below });
    known.push(below.includes(key) ? key : anyName);
  }
  return known;
}

const anyName = '*';

interface Unknown {
  readonly keys: Keys;
  readonly known: Keys;
  readonly key: string;
  readonly below: Keys;
}

function unknownSetting(schema: JsonSchema, { keys, known, key, below }: Unknown): McpError {
  const where = known.length === 0 ? 'an inventory' : known.join('.');
  const meant = closestTo(key, below);
  const rest = keys.slice(known.length);
  const elsewhere = meant === undefined ? [rest, [key]].flatMap((end) => endingIn(schema, end)) : [];
  const guess = meant === undefined ? elsewhere[0]?.join('.') : [...known, meant].join('.');
  return new McpError(
    'invalid-arguments',
    below.length === 0
      ? `${where} has no settings below it: there is no ${key}`
      : `${where} has no ${key === '' ? 'setting without a name' : key}${guess === undefined ? '' : `; did you mean ${guess}?`}`,
    {
      hint:
        below.length === 0 || guess !== undefined
          ? `ask for \`mcp explain ${guess ?? where}\``
          : `use one of ${below.join(', ')}`,
    },
  );
}

/** `galera.bufferPoolSize` is often what is remembered of `services.galera.bufferPoolSize`; the shortest path comes first. */
const endingIn = (schema: JsonSchema, keys: Keys): readonly Keys[] =>
  pathsBelow(schema, [])
    .filter((path) => path.length > keys.length && path.slice(-keys.length).join() === keys.join())
    .toSorted((one, other) => one.length - other.length);

function pathsBelow(schema: JsonSchema, keys: Keys): readonly Keys[] {
  return keysBelow(schema, keys).flatMap((key) => [[...keys, key], ...pathsBelow(schema, [...keys, key])]);
}

/** A mapping whose keys the operator chooses has one, `*`. */
function keysBelow(schema: JsonSchema, keys: Keys): Keys {
  const isOpen = partsAt(schema, keys).some(
    ({ additionalProperties }) => typeof additionalProperties === 'object',
  );
  return [...new Set(propertiesAt(schema, keys)), ...(isOpen ? [anyName] : [])];
}

/**
 * Where the schema lets the same be said for the whole cloud, for a machine, and for a node that it carries: whatever it
 * does not take on a machine is not listed there.
 */
function placesOf(schema: JsonSchema, keys: Keys): readonly Keys[] {
  const inner = keys[0] === 'machines' ? keys.slice(keys[2] === 'nodes' ? 4 : 2) : keys;
  if (inner.length === 0 || keys.length === 0) return [keys];
  return [[], ...narrower]
    .map((place) => [...place, ...inner])
    .filter((place) => partsAt(schema, place).some((part) => !takesNothing(part)));
}

/** A service of which nothing may differ from machine to machine is a mapping without keys there. */
const takesNothing = ({ properties = {}, additionalProperties }: JsonSchema): boolean =>
  additionalProperties === false && Object.keys(properties).length === 0;

const narrower: readonly Keys[] = [
  ['machines', anyName],
  ['machines', anyName, 'nodes', anyName],
];

function wordsAt(schema: JsonSchema, keys: Keys): SettingWords {
  const [part] = partsAt(schema, keys);
  const above: InventoryPath = keys.slice(0, -1);
  // A part without the key among its properties is a condition, which other keys may fulfil.
  const name = keys.at(-1) ?? '';
  const required = partsAt(schema, above)
    .filter(({ properties = {} }) => name in properties)
    .flatMap(({ required: names = [] }) => names);
  return {
    description: part?.description,
    kind: part === undefined ? 'anything' : kindOf(part),
    isRequired: required.includes(name),
    default: isEmptyMapping(part?.default) ? undefined : part?.default,
  };
}

/** What is left out of a mapping has defaults of its own. */
const isEmptyMapping = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
