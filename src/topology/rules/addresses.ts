import { type Diagnostic, error, type InventoryPath, warning } from '../../model/diagnostic.ts';
import { type NetworkName, networkNames, type Role, roles } from '../../model/inventory.ts';
import { isHostAddress, overlap } from './network.ts';
import { groupedBy, type PlacedNode, type Rule, type TopologyInput } from './rule.ts';

export const overlappingNetworks: Rule = ({ inventory: { networks } }) =>
  networkNames.flatMap((name, position) =>
    networkNames.slice(0, position).flatMap((other) => {
      const [mine, theirs] = [networks[name]?.cidr, networks[other]?.cidr];
      if (mine === undefined || theirs === undefined || !overlap(mine, theirs)) return [];
      if (isUnknown(mine) || isUnknown(theirs)) return [];
      return [error(['networks', name, 'cidr'], `${mine} overlaps with the ${other} network, ${theirs}`)];
    }),
  );

/** What stands in for a network that is not known; nobody can write it. */
const isUnknown = (cidr: string): boolean => cidr === '0.0.0.0/0';

export const addressInUndescribedNetwork: Rule = ({ inventory, nodes }) =>
  addressesOf(nodes)
    .filter(({ network }) => inventory.networks[network] === undefined)
    .map(({ network, path }) =>
      error(
        path,
        `the network ${network} is not described`,
        `add networks.${network}, or remove the address`,
      ),
    );

export const addressOutsideNetwork: Rule = ({ inventory, nodes }) =>
  addressesOf(nodes).flatMap(({ network, address, path }) => {
    const cidr = inventory.networks[network]?.cidr;
    if (cidr === undefined || isHostAddress(address, cidr)) return [];
    return [
      error(
        path,
        `${address} is not an address for hosts in the ${network} network, ${cidr}`,
        `take a free address of ${cidr}`,
      ),
    ];
  });

/** A router is on the wire that it is the way out of, and is none of ours. */
export const gatewayOfNobody: Rule = ({ inventory: { networks, vips }, nodes }) =>
  networkNames.flatMap((name) => {
    const { cidr, gateway } = networks[name] ?? {};
    if (cidr === undefined || gateway === undefined) return [];
    const path = ['networks', name, 'gateway'];
    if (!isHostAddress(gateway, cidr)) {
      return [
        error(
          path,
          `${gateway} is not an address for hosts in the ${name} network, ${cidr}`,
          `name the router by its address in ${cidr}`,
        ),
      ];
    }
    const owner =
      addressesOf(nodes).find(({ address }) => address === gateway)?.owner ??
      vips.find(({ address }) => address === gateway)?.name;
    if (owner === undefined) return [];
    return [
      error(
        path,
        `${gateway} is the address of ${owner}, which can't tell whether it is cut off itself`,
        'name the router of the network, or remove it',
      ),
    ];
  });

/** Programs on one machine may play hosts there; hosts do not reach each other. */
export const loopbackAddress: Rule = ({ nodes }) =>
  addressesOf(nodes)
    .filter(({ address }) => address.startsWith('127.'))
    .map(({ address, path }) =>
      warning(
        path,
        `${address} is each host itself: no other host reaches it`,
        'take an address of a network',
      ),
    );

/** Whatever has an address has it alone; one host may say the same one for several networks. */
export const sameAddress: Rule = ({ inventory, nodes }) => {
  const hosts = addressesOf(nodes);
  const vips = inventory.vips.map(({ name, address }) => ({
    owner: `the VIP ${name}`,
    address,
    path: ['vips', name, 'address'],
  }));
  const taken = groupedBy<Taken>([...hosts, ...vips], ({ address }) => address);
  return [...taken.values()].flatMap(([first, ...others]) =>
    others
      .filter(({ owner }) => owner !== first?.owner)
      .map(({ address, path }) =>
        error(path, `${address} is already the address of ${first?.owner}`, 'take a free address'),
      ),
  );
};

/** Falling back to management for some members only would split their traffic over two networks. */
export const missingAddress: Rule = (input) => {
  const { inventory } = input;
  const needed: readonly Need[] = [
    { network: 'internal', roles, reason: 'the APIs are in it' },
    { network: 'replication', roles: ['database', 'messaging'], reason: 'its members replicate in it' },
    ...inventory.vips.map((vip) => ({
      network: vip.network,
      roles: [vip.role],
      reason: `it can hold the VIP ${vip.name}`,
    })),
  ];
  const found = needed
    .filter(({ network }) => inventory.networks[network] !== undefined)
    .flatMap((need) => without(need, input));
  return [...groupedBy(found, ({ path }) => path.join('.')).values()].flatMap((same) => same.slice(0, 1));
};

interface Need {
  readonly network: NetworkName;
  readonly roles: readonly Role[];
  readonly reason: string;
}

const without = ({ network, roles: wanted, reason }: Need, { nodes }: TopologyInput): readonly Diagnostic[] =>
  nodes
    .filter(({ node }) => node.addresses[network] === undefined)
    .filter(({ node }) => node.roles.some((role) => wanted.includes(role)))
    .map(({ node, path }) =>
      error(
        [...path, 'addresses', network],
        `${node.name} needs an address in the ${network} network: ${reason}`,
        `add ${network}: ADDRESS`,
      ),
    );

interface Taken {
  readonly owner: string;
  readonly address: string;
  readonly path: InventoryPath;
}

const addressesOf = (nodes: readonly PlacedNode[]): readonly (Taken & { readonly network: NetworkName })[] =>
  nodes.flatMap(({ node, path }) =>
    networkNames.flatMap((network) => {
      const address = node.addresses[network];
      return address === undefined
        ? []
        : [{ owner: node.name, network, address, path: [...path, 'addresses', network] }];
    }),
  );
