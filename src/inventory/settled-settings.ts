import type { Diagnostic, InventoryPath } from '../model/diagnostic.ts';
import type { Machine, Node } from '../model/inventory.ts';
import type { Service } from '../model/service.ts';
import { mergedSettings } from '../model/settings.ts';
import type { Described } from './assemble.ts';
import { complaintsOf } from './complaints.ts';

/** An inventory whose services can all read their settings, and what had to be left out for that. */
interface Settled {
  readonly described: Described;
  readonly flaws: readonly Diagnostic[];
}

/** Leaves out settings of single machines that are right by themselves and wrong together with what is said for all. */
export function settledSettings(described: Described, services: readonly Service[]): Settled {
  const clashes = described.machines.flatMap((machine) =>
    machine.nodes.flatMap((node) =>
      services
        .filter(({ name }) => node.services[name] !== undefined)
        .map((service) => ({ node, service, flaws: flawsOf(service, { node, machine, described }) }))
        .filter(({ flaws }) => flaws.length > 0),
    ),
  );
  const settled = (node: Node): Node => {
    const wrong = clashes.filter((clash) => clash.node === node).map(({ service }) => service.name);
    const right = Object.entries(node.services).filter(([name]) => !wrong.includes(name));
    return { ...node, services: Object.fromEntries(right) };
  };
  const machines = described.machines.map((machine) => ({ ...machine, nodes: machine.nodes.map(settled) }));
  return { described: { ...described, machines }, flaws: clashes.flatMap(({ flaws }) => flaws) };
}

interface Place {
  readonly node: Node;
  readonly machine: Machine;
  readonly described: Described;
}

function flawsOf({ name, settings }: Service, { node, machine, described }: Place): readonly Diagnostic[] {
  const value = mergedSettings(asMapping(described.services[name]), asMapping(node.services[name]));
  const parsed = settings.safeParse(value);
  const issues = parsed.success ? [] : complaintsOf(parsed.error.issues, { value, schema: {} });
  const path = pathOf(machine, node);
  return issues.map((issue) => ({ ...issue, path: [...path, 'services', name, ...issue.path] }));
}

const pathOf = (machine: Machine, node: Node): InventoryPath =>
  machine.carriesNodes ? ['machines', machine.name, 'nodes', node.name] : ['machines', machine.name];

const asMapping = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
