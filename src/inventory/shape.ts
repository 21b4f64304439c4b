import type { Diagnostic, InventoryPath } from '../model/diagnostic.ts';
import { error } from '../model/diagnostic.ts';
import { type Doubts, noDoubts } from '../model/doubts.ts';
import { releases } from '../model/release.ts';
import type { Service } from '../model/service.ts';
import { complaintsOf, unknownKeysIn, valueAt } from './complaints.ts';
import { inventoryJsonSchema } from './json-schema.ts';
import { type InventoryShape, inventorySchema, type MachineShape } from './schema.ts';
import { type Repair, repairsOf } from './stand-ins.ts';

/** What a parsed file holds of the shape of an inventory. */
export interface Shaped {
  /** With something harmless in place of what is wrong, so that the rest can be judged; undefined: too little is right. */
  readonly shape: InventoryShape | undefined;
  /** The same as it was written, without defaults. */
  readonly written: unknown;
  readonly diagnostics: readonly Diagnostic[];
  readonly doubts: Doubts;
}

/** Compares a parsed file with the schema; every mistake is reported, and what is right is kept for further checks. */
export function shapeOf(value: unknown, services: readonly Service[]): Shaped {
  const parsed = inventorySchema(services).safeParse(value);
  const issues = parsed.success ? [] : parsed.error.issues;
  const unknown = unknownKeysIn(issues);
  const known = unknown.reduce(without, value);
  const machines = valueAt(known, ['machines']);
  const placement = isMapping(machines) ? Object.entries(machines).flatMap(misplaced) : [];
  const against = [...releaseUnsaid(known), ...placement];
  if (parsed.success && against.length === 0) {
    return { shape: parsed.data, written: value, diagnostics: [], doubts: noDoubts };
  }
  const complaints = complaintsOf(issues, { value, schema: inventoryJsonSchema(services), services });
  const wrong = complaints.filter(({ path }) => unknown.every((key) => key.join() !== path.join()));
  const repairs = repairsOf([...wrong, ...against], known);
  const written = repairs.reduce(repaired, known);
  const sound = inventorySchema(services, { isLenient: true }).safeParse(written);
  return {
    written,
    shape: sound.success ? sound.data : undefined,
    diagnostics: [...complaints, ...against],
    doubts: {
      parts: repairs.map(({ path }) => path),
      roles: repairs.some(({ doubts }) => doubts === 'roles'),
      vips: repairs.some(({ doubts }) => doubts === 'vips'),
      services: new Set(repairs.flatMap(({ service }) => service ?? [])),
    },
  };
}

/** A lab's hosts can be made of any release; what other machines run is a fact, and stands in their inventory. */
function releaseUnsaid(value: unknown): readonly Diagnostic[] {
  const platform = valueAt(value, ['platform']);
  const isSaid = valueAt(platform, ['release']) !== undefined;
  if (!isMapping(platform) || isSaid || valueAt(value, ['lab']) !== undefined) return [];
  return [
    error(
      ['platform', 'release'],
      'is required',
      `write what the machines run: ${releases.map((release) => `release: ${release}`).join(', or ')}`,
    ),
  ];
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

const repaired = (value: unknown, { path, standIn }: Repair): unknown =>
  standIn === undefined ? without(value, path) : withValue(value, path, standIn);

function without(value: unknown, [key, ...rest]: InventoryPath): unknown {
  if (key === undefined || !isMapping(value) || !Object.hasOwn(value, key)) return value;
  const { [key]: inner, ...others } = value;
  return rest.length === 0 ? others : { ...value, [key]: without(inner, rest) };
}

function withValue(value: unknown, [key, ...rest]: InventoryPath, standIn: unknown): unknown {
  if (key === undefined) return standIn;
  const mapping = isMapping(value) ? value : {};
  return { ...mapping, [key]: withValue(mapping[key], rest, standIn) };
}

const isMapping = (value: unknown): value is Readonly<Record<string | number, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
