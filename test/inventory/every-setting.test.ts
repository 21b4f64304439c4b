import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { inventorySchema } from '../../src/inventory/schema.ts';
import { services } from '../../src/services/index.ts';
import { anyEdited, anyInventory } from './any-inventory.ts';

/** Of the schema itself, whatever the generator reads it from: what a part of an inventory is, where it stands. */
interface Leaf {
  readonly place: string;
  readonly schema: z.core.$ZodType;
}

const seen = new Map<string, unknown[]>();
const leaves = leavesOf(inventorySchema(services), '');
/** The mappings whose names operators give. */
const named = new Set(leaves.flatMap(({ place }) => (place.endsWith(' (name)') ? [place.slice(0, -7)] : [])));
for (const inventory of fc.sample(anyInventory(services), { numRuns: 6_000, seed: 1 })) take(inventory, '');
for (const inventory of fc.sample(anyEdited(services), { numRuns: 12_000, seed: 1 })) take(inventory, '');

test('every setting there is, for the cloud, a machine, a node and a VIP, is generated: as it may be and as it may not', () => {
  expect(leaves.length).toBeGreaterThan(250);
  for (const place of ['ssh.port', 'machines.*.ssh.port', 'machines.*.nodes.*.ssh.port', 'vips.*.routerId']) {
    expect(leaves.map((leaf) => leaf.place)).toContain(place);
  }
  const lacking = leaves.flatMap(({ place, schema }) => {
    const values = seen.get(place) ?? [];
    const right = values.filter((value) => z.safeParse(schema, value).success);
    return [
      ...(right.length === 0 ? [`${place} is never right`] : []),
      ...(right.length === values.length ? [`${place} is never wrong`] : []),
    ];
  });
  expect(lacking).toEqual([]);
});

test('every number is generated at both of its bounds, between them and beyond them', () => {
  const lacking = numbers().flatMap(({ place, schema: { minValue, maxValue } }) => {
    const bounds = { min: minValue ?? Number.NaN, max: maxValue ?? Number.NaN };
    const values = (seen.get(place) ?? []).filter((value) => typeof value === 'number');
    return Object.entries(wanted)
      .filter(([, isWanted]) => !values.some((value) => isWanted(value, bounds)))
      .map(([where]) => `${place} is never ${where}`);
  });
  expect(lacking).toEqual([]);
});

test('every word of a choice is generated', () => {
  const lacking = leaves.flatMap(({ place, schema }) => {
    const words =
      schema instanceof z.ZodEnum ? schema.options : schema instanceof z.ZodBoolean ? [true, false] : [];
    return words
      .filter((word) => !seen.get(place)?.includes(word))
      .map((word) => `${place} is never ${word}`);
  });
  expect(lacking).toEqual([]);
});

const wanted: Readonly<Record<string, (value: number, bounds: { min: number; max: number }) => boolean>> = {
  'below its least': (value, { min }) => value < min,
  'its least': (value, { min }) => value === min,
  between: (value, { min, max }) => value > min && value < max,
  'its most': (value, { max }) => value === max,
  'above its most': (value, { max }) => value > max,
};

const numbers = () =>
  leaves.flatMap(({ place, schema }) => (schema instanceof z.ZodNumber ? [{ place, schema }] : []));

function leavesOf(schema: z.core.$ZodType, place: string): readonly Leaf[] {
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([key, part]) => leavesOf(part, within(place, key)));
  }
  if (schema instanceof z.ZodRecord) {
    return [
      { place: `${place} (name)`, schema: schema.keyType },
      ...leavesOf(schema.valueType, within(place, '*')),
    ];
  }
  if (schema instanceof z.ZodArray)
    return [{ place, schema }, ...leavesOf(schema.element, within(place, '[]'))];
  if (schema instanceof z.ZodUnion)
    return [{ place, schema }, ...schema.options.flatMap((part) => leavesOf(part, place))];
  const inner = innerOf(schema);
  return inner === undefined ? [{ place, schema }] : leavesOf(inner, place);
}

function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return schema.unwrap();
  }
  if (schema instanceof z.ZodReadonly || schema instanceof z.ZodNullable) return schema.unwrap();
  return schema instanceof z.ZodPipe ? schema.in : undefined;
}

/** Notes every part of an inventory where it stands; names that operators give are `*`. */
function take(part: unknown, place: string): void {
  note(place, part);
  if (typeof part !== 'object' || part === null) return;
  if (Array.isArray(part)) {
    for (const item of part) take(item, within(place, '[]'));
    return;
  }
  for (const [key, value] of Object.entries(part)) {
    if (named.has(place)) note(`${place} (name)`, key);
    take(value, within(place, named.has(place) ? '*' : key));
  }
}

function note(place: string, value: unknown): void {
  const values = seen.get(place);
  if (values === undefined) seen.set(place, [value]);
  else values.push(value);
}

function within(place: string, key: string): string {
  return place === '' ? key : `${place}.${key}`;
}
