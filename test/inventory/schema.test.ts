import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { inventorySchemaText } from '../../src/workflows/inventory-schema.ts';

const written = new URL('../../inventories/inventory.schema.json', import.meta.url);

test('the JSON Schema beside the inventories is as the program has it (npm run schema writes it)', async () => {
  expect(await readFile(written, 'utf8')).toBe(inventorySchemaText());
});

test('every field of an inventory is described', () => {
  expect(undescribed(JSON.parse(inventorySchemaText()), 'inventory')).toEqual([]);
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
