import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { services } from '../../src/services/index.ts';
import { inventorySchemaText } from '../../src/workflows/inventory-schema.ts';

const written = new URL('../../inventories/inventory.schema.json', import.meta.url);

test('the JSON Schema beside the inventories is as the program has it (npm run schema writes it)', async () => {
  expect(await readFile(written, 'utf8')).toBe(inventorySchemaText());
});

test('every field of an inventory is described', () => {
  expect(undescribed(JSON.parse(inventorySchemaText()), 'inventory')).toEqual([]);
});

/** An editor knows nothing but this; the rules that go further are the program's. */
test('an editor refuses what it can: empty sections, machines of both kinds or of none, reserved names and networks', () => {
  const { machines, vips, networks } = JSON.parse(inventorySchemaText()).properties;
  expect([machines.minProperties, vips.minProperties]).toEqual([1, 1]);
  const machine = machines.additionalProperties;
  expect(machine.properties.nodes.minProperties).toBe(1);
  expect(machine.oneOf).toEqual([
    { required: ['addresses', 'roles'], not: { required: ['nodes'] } },
    { required: ['nodes'], not: { anyOf: [{ required: ['addresses'] }, { required: ['roles'] }] } },
  ]);
  const takes = (schema: { allOf: readonly { pattern: string }[] }, text: string) =>
    schema.allOf.every(({ pattern }) => new RegExp(pattern).test(text));
  expect(['ctl01', 'localhost', '01'].map((name) => takes(machines.propertyNames, name))).toEqual([
    ...[true, false, false],
  ]);
  const { cidr } = networks.properties.management.properties;
  expect(['10.0.0.0/24', '0.0.0.0/0', '224.0.0.0/8'].map((text) => takes(cidr, text))).toEqual([
    ...[true, false, false],
  ]);
});

test('what a machine may say of a service is a part of what can be said of it for all', () => {
  for (const { name, settings, perMachine = [] } of services) {
    const { properties = {} } = z.toJSONSchema(settings, { io: 'input' });
    expect(Object.keys(properties), name).toEqual(expect.arrayContaining([...perMachine]));
  }
});

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

function undescribed(schema: Schema, name: string): readonly string[] {
  const inner = Object.entries(schema.properties ?? {});
  const values = typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
  return [
    ...inner.filter(([, field]) => field.description === undefined).map(([key]) => `${name}.${key}`),
    ...inner.flatMap(([key, field]) => undescribed(field, `${name}.${key}`)),
    ...values.flatMap((field) => undescribed(field, `${name}.*`)),
  ];
}
