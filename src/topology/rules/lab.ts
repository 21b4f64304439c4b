import { error } from '../../model/diagnostic.ts';
import { isHostAddress } from './network.ts';
import type { Rule, TopologyInput } from './rule.ts';

/** A lab's hosts live in its network namespace: working elsewhere could reach real hosts with the same addresses. */
export const labNamespace: Rule = ({ inventory, nodes }) => {
  const { lab } = inventory;
  if (!lab) return [];
  const astray = [
    { ssh: inventory.ssh, path: ['ssh', 'namespace'] },
    ...nodes
      .filter(({ node }) => node.ssh.namespace !== inventory.ssh.namespace)
      .map(({ node, path }) => ({ ssh: node.ssh, path: [...path, 'ssh', 'namespace'] })),
  ].filter(({ ssh }) => ssh.namespace !== lab.name);
  return astray.map(({ ssh, path }) =>
    error(
      path,
      `is ${ssh.namespace ?? 'not set'}, but the lab's namespace is ${lab.name}`,
      `write ${lab.name}`,
    ),
  );
};

/** An outsider of the lab is in its network and is nobody of the cloud: what it is refused would be granted to a host. */
export const outsiderOfNobody: Rule = ({ inventory, nodes }) => {
  const { management } = inventory.networks;
  return Object.entries(inventory.lab?.outsiders ?? {}).flatMap(([name, address], position, all) => {
    const others = [
      ...partsOf(inventory, nodes),
      ...all.slice(0, position).map(([other, its]) => ({ name: other, owner: other, address: its })),
    ];
    const path = ['lab', 'outsiders', name];
    const namesake = others.find((other) => other.name === name);
    const owner = others.find((other) => other.address === address)?.owner;
    return [
      ...(namesake ? [error(path, `the name ${name} is used twice`, 'rename the outsider')] : []),
      ...(owner ? [error(path, `${address} is already the address of ${owner}`, 'take a free address')] : []),
      ...(isHostAddress(address, management.cidr)
        ? []
        : [
            error(
              path,
              `${address} is not an address for hosts in the management network, ${management.cidr}`,
              `take a free address of ${management.cidr}`,
            ),
          ]),
    ];
  });
};

interface Part {
  readonly owner: string;
  /** Where it is told apart by name from who else is in the lab. */
  readonly name?: string;
  readonly address?: string;
}

const partsOf = (
  { machines, vips, lab }: TopologyInput['inventory'],
  nodes: TopologyInput['nodes'],
): readonly Part[] => [
  ...machines.map(({ name }) => ({ owner: name, name })),
  ...nodes.flatMap(({ node }) =>
    Object.values(node.addresses).map((address) => ({ owner: node.name, name: node.name, address })),
  ),
  ...vips.map(({ name, address }) => ({ owner: `the VIP ${name}`, address })),
  ...(lab?.recorder ? [{ ...lab.recorder, owner: lab.recorder.name }] : []),
];
