import fc from 'fast-check';
import { inventoryJsonSchema, type JsonSchema } from '../../src/inventory/json-schema.ts';
import type { Service } from '../../src/model/service.ts';
import { type AnyLayout, inventoryOf, type Laid, type Written } from './any-layout.ts';
import { fitting, unfit } from './any-value.ts';

/**
 * An inventory as it could be written, right in each of its parts: a layout that would do, and a few settings of all that
 * there are, for the cloud, for a machine, for one of its nodes. Together they may not go.
 */
export const anyInventory = (services: readonly Service[]): fc.Arbitrary<Written> =>
  fc
    .tuple(anyLayout, fc.array(anySaid(settingsIn(services), fitting), { maxLength: 5 }))
    .map(([layout, said]) => said.reduce<Written>(withSaid, inventoryOf(layout)));

/** The same after some careless edits: settings out of their bounds, and what is nothing of the kind. */
export const anyEdited = (services: readonly Service[]): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      anyInventory(services),
      fc.array(anySaid(settingsIn(services), unfit), { maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(), junk), { maxLength: 2 }),
    )
    .map(([inventory, said, edits]) =>
      edits.reduce<unknown>(edited, said.reduce<Written>(withSaid, inventory)),
    );

const anyLayout: fc.Arbitrary<AnyLayout> = fc.record({
  kind: fc.constantFrom('three', 'five', 'eleven', 'carried', 'carried'),
  release: fc.constantFrom('bookworm', 'trixie'),
  networks: fc.subarray(['internal', 'public', 'replication'] as const),
  tls: fc.boolean(),
  isNamed: fc.boolean(),
  /** The longest host name has 63 characters. */
  prefix: fc.constantFrom('host', 'a-', '0-x', `n${'o'.repeat(60)}`),
});

/** A setting by its place in the schema: `*` stands for a machine, a node, a VIP. */
interface Setting {
  readonly path: readonly string[];
  readonly schema: JsonSchema;
  /** Of a service that runs on the hosts with one of these roles only. */
  readonly roles: Service['roles'];
}

/** What is written for it, and at which of the places that fit. */
interface Said {
  readonly setting: Setting;
  readonly at: number;
  readonly value: unknown;
}

const anySaid = (
  settings: readonly Setting[],
  valueFor: (schema: JsonSchema) => fc.Arbitrary<unknown>,
): fc.Arbitrary<Said> =>
  fc.oneof(
    ...settings.map((setting) => ({
      weight: partsOf(setting.schema),
      arbitrary: fc.record({
        setting: fc.constant(setting),
        at: fc.nat(100),
        value: valueFor(setting.schema),
      }),
    })),
  );

/** One with much inside has its turn as often as that many. */
const partsOf = ({ properties = {}, additionalProperties, items, anyOf = [] }: JsonSchema): number =>
  Math.max(
    1,
    [...Object.values(properties), additionalProperties, items, ...anyOf]
      .filter(isSchema)
      .map(partsOf)
      .reduce((sum, parts) => sum + parts, 0),
  );

/** Every setting of the schema, as small as it can be written by itself. */
const settingsIn = (services: readonly Service[]): readonly Setting[] => {
  const known = settingsOf.get(services) ?? settingsBelow(inventoryJsonSchema(services), [], services);
  settingsOf.set(services, known);
  return known;
};
const settingsOf = new WeakMap<readonly Service[], readonly Setting[]>();

function settingsBelow(
  schema: JsonSchema,
  path: readonly string[],
  services: readonly Service[],
): readonly Setting[] {
  const inner = Object.entries(schema.properties ?? {});
  const each = schema.additionalProperties;
  const values = typeof each === 'object' && isOfLayout(path) ? [['*', each] as const] : [];
  const below = [...inner, ...values].filter((entry): entry is [string, JsonSchema] => isSchema(entry[1]));
  // What needs several keys is written as a whole, but where the layout has them already.
  const isWhole = (schema.required ?? []).length > 0 && !isInLayout(path);
  if (below.length === 0 || isWhole) return [{ path, schema, roles: rolesAt(path, services) }];
  return below.flatMap(([key, part]) => settingsBelow(part, [...path, key], services));
}

const isSchema = (part: unknown): part is JsonSchema => typeof part === 'object' && part !== null;

/** The mappings whose keys a layout gives. */
const isOfLayout = (path: readonly string[]): boolean =>
  ['machines', 'vips', 'machines.*.nodes'].includes(path.join('.'));

const isInLayout = (path: readonly string[]): boolean =>
  /^(|platform|networks|networks\.management|vips\.\*|machines\.\*(\.nodes\.\*)?(\.addresses)?)$/.test(
    path.join('.'),
  );

function rolesAt(path: readonly string[], services: readonly Service[]): Service['roles'] {
  const name = path[path.indexOf('services') + 1];
  return path.includes('services') ? (services.find((each) => each.name === name)?.roles ?? 'all') : 'all';
}

/** Where the layout has no such place it stays as it is. */
function withSaid(inventory: Written, { setting, at, value }: Said): Written {
  const places = placesFor(setting.path, inventory, setting.roles);
  const place = places[at % places.length];
  return place === undefined ? inventory : asMapping(replaced(inventory, place, value));
}

function placesFor(
  [key, ...rest]: readonly string[],
  part: unknown,
  roles: Service['roles'],
): readonly (readonly string[])[] {
  if (key === undefined) return [[]];
  const known = asMapping(part);
  const isPlaced = rest[0] !== 'nodes' && (rest[0] !== 'addresses' || known !== undefined);
  const keys = key === '*' ? Object.keys(known).filter((name) => fits(known[name], rest, roles)) : [key];
  if (key === 'nodes' && known['nodes'] === undefined) return [];
  if (key !== '*' && !isPlaced && rest.length > 0 && known[key] === undefined) return [];
  return keys.flatMap((name) => placesFor(rest, known[name], roles).map((place) => [name, ...place]));
}

/** Whether what is said below would be said of somebody whom it concerns. */
function fits(part: unknown, [key]: readonly string[], roles: Service['roles']): boolean {
  const { nodes, roles: own, role } = asMapping<Partial<Laid>>(part);
  if (role !== undefined) return true;
  if (key === 'nodes') return nodes !== undefined;
  if (key === 'addresses' || key === 'roles') return nodes === undefined;
  // An edit may have made anything of it.
  const carried = [
    own ?? Object.values(nodes ?? {}).map((node) => asMapping<Partial<Laid>>(node).roles),
  ].flat(2);
  return roles === 'all' || roles.some((each) => carried.includes(each));
}

const junk = fc.constantFrom<unknown>(
  undefined,
  null,
  'x',
  '',
  '10.77.0.11',
  'host2',
  -1,
  22,
  51,
  1e99,
  true,
  [],
  ['proxy'],
  {},
  { port: 'x' },
  { __proto: 1 },
);

/** One of the places of `value`, the `at`-th, gets something else; undefined takes it away. */
function edited(value: unknown, [at, replacement]: readonly [number, unknown]): unknown {
  const places = placesIn(value);
  const place = places[at % places.length] ?? [];
  return replaced(value, place, replacement);
}

function placesIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], replacement: unknown): unknown {
  if (key === undefined) return replacement;
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      String(index) === key ? [replaced(item, rest, replacement)] : [item],
    );
  }
  return { ...asMapping(value), [key]: replaced(asMapping(value)[key], rest, replacement) };
}

const asMapping = <Shape extends object = Written>(value: unknown): Shape =>
  (typeof value === 'object' && value !== null ? { ...value } : {}) as Shape;
