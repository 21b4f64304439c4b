import type { Inventory, Machine, Node } from '../model/inventory.ts';
import type { Member } from '../model/membership.ts';

/**
 * The inventory with those who leave still in it: members that it names no more, and the roles that others give up. What
 * is resolved from it knows everybody who takes part while they go.
 */
export function withFormerMembers(inventory: Inventory, former: readonly Member[]): Inventory {
  const machines = inventory.machines.map((machine) => ({
    ...machine,
    nodes: machine.nodes.map((node) => withFormerRoles(node, former)),
  }));
  const named = new Set(machines.flatMap(({ nodes }) => nodes.map(({ name }) => name)));
  const gone = former.filter(({ name }) => !named.has(name));
  return { ...inventory, machines: [...machines, ...gone.map((member) => machineOf(member, inventory))] };
}

function withFormerRoles(node: Node, former: readonly Member[]): Node {
  const roles = former.find(({ name }) => name === node.name)?.roles ?? [];
  return { ...node, roles: [...new Set([...node.roles, ...roles])] };
}

/** Its keys and the way to it are what the inventory says for all, at the address where it was last reached. */
const machineOf = (member: Member, { ssh }: Inventory): Machine => ({
  name: member.machine,
  rack: member.rack,
  carriesNodes: member.machine !== member.name,
  nodes: [
    {
      name: member.name,
      addresses: member.addresses,
      roles: member.roles,
      ssh: { ...ssh, ...member.ssh },
      platform: member.platform,
      interfaces: member.interfaces,
      services: {},
    },
  ],
});
