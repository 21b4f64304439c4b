import ipaddr from 'ipaddr.js';
import type { Broker, Cache } from './broker.ts';
import type { Certificates } from './certificate.ts';
import type { DatabaseAccount } from './database.ts';
import type { Host } from './host.ts';
import type { CatalogueEntry, Identity } from './identity.ts';
import type { Inventory, NetworkName, Role } from './inventory.ts';
import type { Checker, Front, Listener, Socket } from './listener.ts';
import type { KeptMemory, Room } from './room.ts';
import type { Secrets } from './secret.ts';

/** Who runs what, where, with whom, behind which VIP: resolved and read-only. */
export interface Topology {
  readonly inventory: Inventory;
  readonly cloud: string;
  readonly region: string;
  readonly hosts: readonly Host[];
  readonly vips: readonly ResolvedVip[];
  /** Every service on every host, in the order of the services. */
  readonly instances: readonly Instance[];
  /** What the load balancers offer, contributed by the services behind them. */
  readonly listeners: readonly Listener[];
  /** Every socket that a daemon opens on a host's own address; the firewall and `mcp check` follow it. */
  readonly sockets: readonly Socket[];
  /** Where services keep their data, and what has to be free there; absent: nothing is known of that. */
  readonly rooms?: readonly Room[];
  /** Memory that services keep for themselves; absent: nothing is known of that. */
  readonly memory?: readonly KeptMemory[];
  /** What stands in front on a VIP: the unit whose life decides whether a host may hold it. */
  readonly fronts: readonly Front[];
  /** Logins and schemas that services want in the database cluster. */
  readonly databases: readonly DatabaseAccount[];
  /** Who services are to each other, and what the catalogue says of them. */
  readonly identities: readonly Identity[];
  /** What the catalogue offers beside what belongs to those; absent: nothing. */
  readonly catalogue?: readonly CatalogueEntry[];
  /** Where services exchange messages; undefined where nothing offers that. */
  readonly broker: Broker | undefined;
  readonly caches: readonly Cache[];
  /** Undefined: load balancers ask servers themselves. */
  readonly checker: Checker | undefined;
  readonly secrets: Secrets;
  readonly certificates: Certificates;
}

/** One service on one host, with its fellow members. */
export interface Instance<Settings = unknown> {
  readonly service: string;
  readonly host: Host;
  readonly settings: Settings;
  /** All hosts that run this service, itself included, in inventory order. */
  readonly members: readonly Host[];
}

export interface ResolvedVip {
  readonly name: string;
  readonly role: Role;
  readonly network: NetworkName;
  readonly address: string;
  /** Bits of the network's prefix. */
  readonly prefix: number;
  /** The network's router, where the inventory names one. */
  readonly gateway?: string | undefined;
  readonly routerId: number;
  readonly hostname: string | undefined;
  readonly tls: boolean;
  /**
   * The hosts that can hold it, first choice first. The order is rotated from VIP to VIP, so that several VIPs
   * of one set of hosts spread over them and every load balancer carries traffic.
   */
  readonly candidates: readonly Host[];
}

export const instancesOf = (topology: Pick<Topology, 'instances'>, service: string): readonly Instance[] =>
  topology.instances.filter((instance) => instance.service === service);

export const vipsHeldBy = (topology: Pick<Topology, 'vips'>, host: Host): readonly ResolvedVip[] =>
  topology.vips.filter(({ candidates }) => candidates.some(({ name }) => name === host.name));

/**
 * The ports on which a VIP is asked whether it answers: one that does is enough. Those of its first and its last listener,
 * since nobody serves yet what is about to be offered, or is about to get another port.
 */
export function portsOf(
  { role }: ResolvedVip,
  { listeners }: Pick<Topology, 'listeners'>,
): readonly number[] {
  const ports = listeners.filter((listener) => listener.role === role).map(({ port }) => port);
  return [...new Set([...ports.slice(0, 1), ...ports.slice(-1)])];
}

/**
 * Whether a host has an address in a VIP's own network. Any other host reaches that through a router, if at all, and what
 * it sees of the VIP tells nothing of the network.
 */
export function isBeside({ addresses }: Host, { network, address, prefix }: ResolvedVip): boolean {
  const [own, vip] = [ipaddr.parse(addresses[network]), ipaddr.parse(address)];
  return own.kind() === vip.kind() && own.match(vip, prefix);
}

/**
 * Whoever serves a VIP answers here too, on its own host alone and with the same sites: what a change does to one that
 * does not hold the VIP is known before clients come to it.
 */
export const insideAddress = ({ routerId }: Pick<ResolvedVip, 'routerId'>): string => `127.0.71.${routerId}`;
