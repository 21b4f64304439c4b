import { type LoadedInventory, type LoadOptions, loadInventory } from '../inventory/index.ts';
import type { Diagnostic, LocatedDiagnostic } from '../model/diagnostic.ts';
import { type Doubts, isDoubtful } from '../model/doubts.ts';
import { McpError } from '../model/failure.ts';
import type { Inventory } from '../model/inventory.ts';
import type { Service } from '../model/service.ts';
import type { Topology } from '../model/topology.ts';
import { platformOf } from '../platform/index.ts';
import { services as allServices } from '../services/index.ts';
import { checkTopology, resolveTopology } from '../topology/index.ts';

export type { AskPassword } from '../inventory/index.ts';

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
  const judged: Judged[] = [];
  const loaded = await loadInventory(file, services, {
    ...options,
    resolve(read, inDoubt) {
      const found = judge(read, services, inDoubt);
      judged.push(found);
      return found.sound;
    },
  });
  const { inventory } = loaded;
  const ruled = judged.flatMap((found) => found.diagnostics);
  const diagnostics = [...loaded.diagnostics, ...ruled].map(loaded.locate).toSorted(byPlace);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (!inventory || errors.length > 0) {
    const count = errors.length === 1 ? 'one mistake' : `${errors.length} mistakes`;
    throw new McpError('invalid-inventory', `${file} has ${count}`, { diagnostics });
  }
  return { topology: resolveTopology(inventory, services, platformOf), loaded, warnings: diagnostics };
}

/** What the rules have to say of an inventory, which look at no certificate, and what becomes of it. */
interface Judged {
  readonly diagnostics: readonly Diagnostic[];
  /**
   * Without the services whose settings are in doubt. Undefined where it is in doubt which hosts there are and by what names
   * they are reached, or where a rule is broken.
   */
  readonly sound: Topology | undefined;
}

function judge(inventory: Inventory, services: readonly Service[], doubts: Doubts): Judged {
  const known = services.filter(({ name }) => !doubts.services.has(name));
  const topology = resolveTopology(inventory, known, platformOf);
  const diagnostics = checkTopology(inventory, services, { platformOf, doubts, topology });
  const named = ['networks', 'machines', 'vips'];
  const isDoubted = doubts.roles || doubts.vips || named.some((part) => isDoubtful([part], doubts));
  const isBroken = diagnostics.some(({ severity }) => severity === 'error');
  return { diagnostics, sound: isDoubted || isBroken ? undefined : topology };
}

const byPlace = (a: LocatedDiagnostic, b: LocatedDiagnostic): number =>
  a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column;
