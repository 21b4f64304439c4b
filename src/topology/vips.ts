import type { Host } from '../model/host.ts';
import type { Inventory, Network, NetworkName } from '../model/inventory.ts';
import type { ResolvedVip } from '../model/topology.ts';

/** The VIPs with the hosts that can hold them, each set of hosts taking turns at being first choice. */
export function resolveVips(inventory: Inventory, hosts: readonly Host[]): readonly ResolvedVip[] {
  const turns = new Map<string, number>();
  return inventory.vips.map((vip) => {
    const able = hosts.filter(({ roles }) => roles.includes(vip.role));
    const set = able.map(({ name }) => name).join(' ');
    const turn = turns.get(set) ?? 0;
    turns.set(set, turn + 1);
    const network = networkOf(inventory, vip.network);
    return {
      ...vip,
      prefix: prefixOf(network),
      gateway: network.gateway,
      candidates: rotated(able, turn),
    };
  });
}

/** A network, or management where it is not described. */
export const networkOf = ({ networks }: Inventory, name: NetworkName): Network =>
  networks[name] ?? networks.management;

const prefixOf = ({ cidr }: Network): number => Number(cidr.split('/')[1]);

function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
