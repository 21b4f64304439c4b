import type { Diagnostic, InventoryPath } from '../../model/diagnostic.ts';
import type { Inventory, Machine, Node, Role } from '../../model/inventory.ts';
import type { CertifiedTopology, Service } from '../../model/service.ts';

/** One thing that must be true of an inventory as a whole. */
export type Rule = (input: TopologyInput) => readonly Diagnostic[];

/** One thing that must be true of what the services make of it, whatever certificates there are. */
export type ResolvedRule = (topology: CertifiedTopology, input: TopologyInput) => readonly Diagnostic[];

/** What rules look at. */
export interface TopologyInput {
  readonly inventory: Inventory;
  readonly services: readonly Service[];
  readonly nodes: readonly PlacedNode[];
}

/** A node with the machine under it, and where it is written. */
export interface PlacedNode {
  readonly node: Node;
  readonly machine: Machine;
  readonly path: InventoryPath;
}

export function topologyInput(inventory: Inventory, services: readonly Service[]): TopologyInput {
  const nodes = inventory.machines.flatMap((machine) =>
    machine.nodes.map((node) => ({ node, machine, path: pathOf(machine, node) })),
  );
  return { inventory, services, nodes };
}

export const carriersOf = (role: Role, { nodes }: Pick<TopologyInput, 'nodes'>): readonly PlacedNode[] =>
  nodes.filter(({ node }) => node.roles.includes(role));

/** "a", "a and b", "a, b and c". */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** The items by what `keyOf` says of them, in order of first appearance. */
export function groupedBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

const pathOf = (machine: Machine, node: Node): InventoryPath =>
  machine.carriesNodes ? ['machines', machine.name, 'nodes', node.name] : ['machines', machine.name];
