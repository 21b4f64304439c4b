import { error, warning } from '../../model/diagnostic.ts';
import { roles } from '../../model/inventory.ts';
import { carriersOf, groupedBy, listed, type PlacedNode, type Rule, type TopologyInput } from './rule.ts';

/** Members of one quorum, the proxies, and the instances of one API never share a machine. */
export const sharedMachine: Rule = (input) =>
  togetherBy(input, ({ machine }) => machine.name).map(({ members: [first, ...others], shared }) => {
    const names = listed([first, ...others].flatMap((member) => member?.node.name ?? []));
    const movable = others.at(-1) ?? first;
    return error(
      movable?.path ?? ['machines'],
      `${names} ${together(others.length + 1)} carry ${listed(shared)} on the machine ${movable?.machine.name}: its failure takes them together`,
      `move ${listed(others.flatMap((member) => member.node.name))} to other machines`,
    );
  });

/** Sharing a rack is a risk that may be accepted. */
export const sharedRack: Rule = (input) =>
  togetherBy(input, ({ machine }) => machine.rack)
    .filter(({ members }) => new Set(members.map(({ machine }) => machine.name)).size > 1)
    .map(({ members, shared }) => {
      const machines = [...new Set(members.map(({ machine }) => machine.name))];
      const rack = members[0]?.machine.rack;
      return warning(
        ['machines', machines.at(-1) ?? '', 'rack'],
        `${listed(machines)} stand in the rack ${rack} and ${together(machines.length)} carry ${listed(shared)}`,
        'spread them over racks where power or a switch could fail',
      );
    });

const together = (count: number): string => (count === 2 ? 'both' : 'all');

interface Together {
  readonly members: readonly PlacedNode[];
  readonly shared: readonly string[];
}

/** Hosts of one role within one failure domain; roles with the same hosts in it are told once. */
function togetherBy(
  input: TopologyInput,
  domainOf: (node: PlacedNode) => string | undefined,
): readonly Together[] {
  const perRole = roles.flatMap((role) => {
    const placed = carriersOf(role, input).filter((node) => domainOf(node) !== undefined);
    return [...groupedBy(placed, (node) => domainOf(node) ?? '').values()]
      .filter((members) => members.length > 1)
      .map((members) => ({ role, members }));
  });
  const bySet = groupedBy(perRole, ({ members }) => members.map(({ node }) => node.name).join(' '));
  return [...bySet.values()].map((entries) => ({
    members: entries[0]?.members ?? [],
    shared: entries.map(({ role }) => role),
  }));
}
