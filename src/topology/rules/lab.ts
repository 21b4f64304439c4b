import ipaddr from 'ipaddr.js';
import { error } from '../../model/diagnostic.ts';
import { networkNames } from '../../model/inventory.ts';
import { isHostAddress, overlap } from './network.ts';
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

/** An outsider is in a network of the lab and is nobody of the cloud: what it is refused would be granted to a host. */
export const outsiderOfNobody: Rule = ({ inventory, nodes }) => {
  const { networks, lab } = inventory;
  const places = [
    ...networkNames.flatMap((each) => networks[each]?.cidr ?? []),
    ...(lab?.clients ? [lab.clients] : []),
  ];
  const named =
    places.length === 1
      ? `the management network, ${networks.management.cidr}`
      : `any network of the lab: ${places.join(', ')}`;
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
      ...(places.some((cidr) => isHostAddress(address, cidr))
        ? []
        : [
            error(
              path,
              `${address} is not an address for hosts in ${named}`,
              `take a free address of ${places.join(' or ')}`,
            ),
          ]),
    ];
  });
};

/** The clients of a lab are beyond its router: in a network of the hosts they would need none. */
export const clientsBeyond: Rule = ({ inventory: { networks, lab } }) => {
  const clients = lab?.clients;
  if (clients === undefined) return [];
  return networkNames.flatMap((name) => {
    const cidr = networks[name]?.cidr;
    if (cidr === undefined || (cidr !== clients && !overlap(cidr, clients))) return [];
    return [
      error(
        ['lab', 'clients'],
        `shares addresses with the ${name} network, ${cidr}`,
        'take a network of its own',
      ),
    ];
  });
};

/** The lab makes the host through which the others are reached, so that has to have a place in it, and a name to itself. */
export const jumpHostOfLab: Rule = ({ inventory, nodes }) => {
  if (!inventory.lab) return [];
  const cidrs = networkNames.flatMap((name) => inventory.networks[name]?.cidr ?? []);
  const parts = partsOf(inventory, nodes);
  const jumps = new Map(nodes.flatMap(({ node: { ssh } }) => (ssh.jump ? [[ssh.jump.host, ssh.jump]] : [])));
  return [...jumps.keys()].flatMap((address) => {
    const path = ['ssh', 'jump'];
    const hint = `write a free address of ${cidrs.join(' or ')}`;
    const owner = parts.find((part) => part.address === address)?.owner;
    if (owner !== undefined) return [error(path, `${address} is already the address of ${owner}`, hint)];
    if (ipaddr.IPv4.isValidFourPartDecimal(address) && cidrs.some((cidr) => isHostAddress(address, cidr)))
      return [];
    return [error(path, `${address} is not an address for hosts in any network of the lab`, hint)];
  });
};

/** A habit of nobody would be missed by whoever looks for what it shows. */
export const habitsOfHosts: Rule = ({ inventory: { lab }, nodes }) => {
  const names = nodes.map(({ node }) => node.name);
  return Object.keys(lab?.habits ?? {})
    .filter((name) => !names.includes(name))
    .map((name) =>
      error(['lab', 'habits', name], `there is no host ${name}`, `name one of ${names.join(', ')}`),
    );
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
