import type { Diagnostic, InventoryPath } from '../model/diagnostic.ts';
import { error } from '../model/diagnostic.ts';
import type { Service } from '../model/service.ts';
import { complaintsOf, unknownKeysIn, valueAt } from './complaints.ts';
import { inventoryJsonSchema } from './json-schema.ts';
import { type InventoryShape, inventorySchema, type MachineShape } from './schema.ts';

/** What a parsed file holds of the shape of an inventory. */
export interface Shaped {
  /** What is left when the parts with mistakes are taken out; undefined when too little is. */
  readonly shape: InventoryShape | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether parts were taken out: then nothing can be said about the whole ("no machine carries …"). */
  readonly isIncomplete: boolean;
}

/** Compares a parsed file with the schema; every mistake is reported, and what is right is kept for further checks. */
export function shapeOf(value: unknown, services: readonly Service[]): Shaped {
  const schema = inventorySchema(services);
  const parsed = schema.safeParse(value);
  const issues = parsed.success ? [] : parsed.error.issues;
  const unknown = unknownKeysIn(issues);
  const known = without(value, unknown);
  const machines = valueAt(known, ['machines']);
  const placement = isMapping(machines) ? Object.entries(machines).flatMap(misplaced) : [];
  if (parsed.success && placement.length === 0) {
    return { shape: parsed.data, diagnostics: [], isIncomplete: false };
  }
  const complaints = complaintsOf(issues, { value, schema: inventoryJsonSchema(services) });
  const wrong = complaints.filter(({ path }) => unknown.every((key) => key.join() !== path.join()));
  const cuts = [...wrong, ...placement].map(({ path }) => cutFor(path, known));
  const pruned = schema.safeParse(without(known, cuts));
  return {
    shape: pruned.success ? pruned.data : undefined,
    diagnostics: [...complaints, ...placement],
    isIncomplete: cuts.length > 0,
  };
}

/** A machine either has roles and addresses, or it carries nodes that do. */
function misplaced([name, machine]: readonly [string, unknown]): readonly Diagnostic[] {
  if (!isMapping(machine)) return [];
  const { addresses, roles, nodes } = machine as Partial<MachineShape>;
  const path = ['machines', name];
  if (nodes === undefined) {
    const missing = Object.entries({ addresses, roles }).filter(([, written]) => written === undefined);
    return missing.map(([key]) =>
      error([...path, key], 'is required', `give ${name} its ${key}, or nodes that have them`),
    );
  }
  const own = Object.entries({ addresses, roles }).filter(([, written]) => written !== undefined);
  const mixed = own.map(([key]) =>
    error([...path, key], `${name} carries nodes: ${key} belong to these`, `move ${key} to the nodes`),
  );
  const isEmpty = isMapping(nodes) && Object.keys(nodes).length === 0;
  return isEmpty ? [...mixed, error([...path, 'nodes'], 'needs 1 node at least')] : mixed;
}

/** The smallest part around a mistake that the rest can do without. */
function cutFor(path: InventoryPath, value: unknown): InventoryPath {
  const [section, , inner] = path;
  if (section === 'machines') return path.slice(0, inner === 'nodes' && path.length > 3 ? 4 : 2);
  if (section === 'vips' || section === 'services' || section === 'networks') return path.slice(0, 2);
  return valueAt(value, path) === undefined ? path : path.slice(0, 1);
}

function without(value: unknown, cuts: readonly InventoryPath[]): unknown {
  return cuts.reduce(withoutOne, value);
}

function withoutOne(value: unknown, [key, ...rest]: InventoryPath): unknown {
  if (key === undefined || !isMapping(value) || !(key in value)) return value;
  const { [key]: inner, ...others } = value;
  return rest.length === 0 ? others : { ...value, [key]: withoutOne(inner, rest) };
}

const isMapping = (value: unknown): value is Readonly<Record<string | number, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
