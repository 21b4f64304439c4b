import type { Diagnostic, InventoryPath } from '../model/diagnostic.ts';
import type { Machine, Node } from '../model/inventory.ts';
import type { Service } from '../model/service.ts';
import { mergedSettings } from '../model/settings.ts';
import type { Described } from './assemble.ts';
import { complaintsOf } from './complaints.ts';

/** Settings of single machines that are right by themselves and wrong together with what is said for all. */
export function settingsFlaws(
  { machines, services: common }: Described,
  services: readonly Service[],
): readonly Diagnostic[] {
  return machines.flatMap((machine) =>
    machine.nodes.flatMap((node) =>
      services
        .filter(({ name }) => node.services[name] !== undefined)
        .flatMap((service) => flawsOf(service, { node, common, path: pathOf(machine, node) })),
    ),
  );
}

function flawsOf(
  { name, settings }: Service,
  { node, common, path }: { node: Node; common: Described['services']; path: InventoryPath },
): readonly Diagnostic[] {
  const value = mergedSettings(asMapping(common[name]), asMapping(node.services[name]));
  const parsed = settings.safeParse(value);
  const issues = parsed.success ? [] : complaintsOf(parsed.error.issues, { value, schema: {} });
  return issues.map((issue) => ({ ...issue, path: [...path, 'services', name, ...issue.path] }));
}

const pathOf = (machine: Machine, node: Node): InventoryPath =>
  machine.carriesNodes ? ['machines', machine.name, 'nodes', node.name] : ['machines', machine.name];

const asMapping = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
