import { type LoadedInventory, type LoadOptions, loadInventory } from '../inventory/index.ts';
import type { LocatedDiagnostic } from '../model/diagnostic.ts';
import { McpError } from '../model/failure.ts';
import type { Service } from '../model/service.ts';
import type { Topology } from '../model/topology.ts';
import { platformOf } from '../platform/index.ts';
import { services as allServices } from '../services/index.ts';
import { checkTopology, resolveTopology } from '../topology/index.ts';

export interface TopologyOptions extends LoadOptions {
  readonly services?: readonly Service[];
}

/** A topology, and the risks that its operator should hear of. */
export interface LoadedTopology {
  readonly topology: Topology;
  readonly loaded: LoadedInventory;
  readonly warnings: readonly LocatedDiagnostic[];
}

/** The topology of an inventory. Throws McpError `invalid-inventory` with all mistakes of shape and rules at once. */
export async function loadTopology(file: string, options: TopologyOptions = {}): Promise<LoadedTopology> {
  const { services = allServices } = options;
  const loaded = await loadInventory(file, services, options);
  const { inventory, isIncomplete } = loaded;
  const ruled = inventory ? checkTopology(inventory, services, { platformOf, isIncomplete }) : [];
  const diagnostics = [...loaded.diagnostics, ...ruled].map(loaded.locate).toSorted(byPlace);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (!inventory || errors.length > 0) {
    const count = errors.length === 1 ? 'one mistake' : `${errors.length} mistakes`;
    throw new McpError('invalid-inventory', `${file} has ${count}`, { diagnostics });
  }
  return { topology: resolveTopology(inventory, services, platformOf), loaded, warnings: diagnostics };
}

const byPlace = (a: LocatedDiagnostic, b: LocatedDiagnostic): number =>
  a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column;
