import { z } from 'zod';
import type { InventoryPath } from '../model/diagnostic.ts';
import type { Service } from '../model/service.ts';
import { inventorySchema } from './schema.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The inventory's shape as JSON Schema (draft 7), which editors complete and check from. */
export function inventoryJsonSchema(services: readonly Service[]): JsonSchema {
  const schema = z.toJSONSchema(inventorySchema(services), {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  return { title: 'Inventory of mcp', ...schema };
}

/** The keys that a mapping at `path` may have, where the schema names them. */
export function propertiesAt(schema: JsonSchema, path: InventoryPath): readonly string[] {
  const found = path.reduce<readonly JsonSchema[]>(
    (parts, key) => parts.flatMap((part) => stepsInto(part, key)).flatMap(alternativesOf),
    alternativesOf(schema),
  );
  return found.flatMap(({ properties }) => Object.keys(properties ?? {}));
}

function stepsInto(schema: JsonSchema, key: string | number): readonly JsonSchema[] {
  const steps = [schema.properties?.[key] ?? schema.additionalProperties, schema.items];
  return steps.flat().filter((step) => typeof step === 'object');
}

const alternativesOf = (schema: JsonSchema): readonly JsonSchema[] => [
  schema,
  ...[schema.anyOf, schema.oneOf, schema.allOf]
    .flatMap((branches) => branches ?? [])
    .filter((branch) => typeof branch === 'object')
    .flatMap(alternativesOf),
];
