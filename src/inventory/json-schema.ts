import { z } from 'zod';
import type { InventoryPath } from '../model/diagnostic.ts';
import type { Service } from '../model/service.ts';
import { wholeNetwork } from '../model/whole-network.ts';
import { inventorySchema } from './schema.ts';

/** `patternErrorMessage` is what editors say instead of a pattern that a text does not match. */
export type JsonSchema = z.core.JSONSchema.BaseSchema & { readonly patternErrorMessage?: string };

/** The inventory's shape as JSON Schema (draft 7), which editors complete and check from; built once for a list of services. */
export function inventoryJsonSchema(services: readonly Service[]): JsonSchema {
  const known = built.get(services);
  if (known) return known;
  const schema = jsonSchemaFor(services);
  built.set(services, schema);
  return schema;
}

const built = new WeakMap<readonly Service[], JsonSchema>();

function jsonSchemaFor(services: readonly Service[]): JsonSchema {
  const schema = z.toJSONSchema(inventorySchema(services), {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      // Where a text has several patterns, each stands in a part of its own.
      for (const part of [jsonSchema, ...(jsonSchema.allOf ?? [])]) {
        const message = messageFor(part.pattern, zodSchema);
        if (message !== undefined) part['patternErrorMessage'] = message;
      }
    },
  });
  return { title: 'Inventory of mcp', ...schema };
}

function messageFor(pattern: string | undefined, schema: z.core.$ZodType): string | undefined {
  if (pattern === wholeNetwork.source) return 'must be a network, as 10.0.0.0/24, not an address in it';
  return pattern?.startsWith('^(?!') === false ? wordsFor(schema) : undefined;
}

/** What `schema` says to a text that no pattern of ours matches. */
const wordsFor = (schema: z.core.$ZodType): string | undefined =>
  z.safeParse(schema, '\0').error?.issues.find(({ code }) => code === 'invalid_format')?.message;

/** The keys that a mapping at `path` may have, where the schema names them. */
export const propertiesAt = (schema: JsonSchema, path: InventoryPath): readonly string[] =>
  partsAt(schema, path).flatMap(({ properties }) => Object.keys(properties ?? {}));

/** What the schema says of a value at `path`, each alternative by itself; empty: there can be none. */
export const partsAt = (schema: JsonSchema, path: InventoryPath): readonly JsonSchema[] =>
  path.reduce<readonly JsonSchema[]>(
    (parts, key) => parts.flatMap((part) => stepsInto(part, key)).flatMap(alternativesOf),
    alternativesOf(schema),
  );

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
