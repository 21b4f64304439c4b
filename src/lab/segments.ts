import ipaddr from 'ipaddr.js';
import { McpError } from '../model/failure.ts';
import {
  type Inventory,
  type Network,
  type NetworkName,
  type Node,
  networkNames,
} from '../model/inventory.ts';

/** A wire of the lab: the switch that it leads to, and who is the controller on it. */
export interface Segment {
  readonly bridge: string;
  /** Those of the inventory that are on it; none: that of clients, beyond the router. */
  readonly networks: readonly NetworkName[];
  /** The controller's addresses, with prefix length, one a network. Where there are several wires it is their router. */
  readonly controller: readonly string[];
}

/** The switch of the first wire, which has the management network. */
export const firstBridge = 'br0';

/** The wires of a lab, that of the management network first. Networks that share a card on any host share a wire. */
export function segmentsOf(inventory: Inventory): readonly Segment[] {
  const taken = takenAddresses(inventory);
  const addressesIn = (cidrs: readonly string[]) => [...new Set(cidrs)].map((cidr) => firstFree(cidr, taken));
  const wires = wiresOf(inventory).map((names) => ({
    networks: names,
    controller: addressesIn(names.flatMap((name) => inventory.networks[name]?.cidr ?? [])),
  }));
  const clients = inventory.lab?.clients;
  const beyond = clients === undefined ? [] : [{ networks: [], controller: addressesIn([clients]) }];
  return [...wires, ...beyond].map((wire, index) => ({ bridge: `br${index}`, ...wire }));
}

/** Where an address of the lab is. */
export interface Place {
  readonly segment: Segment;
  readonly prefix: number;
  /** Whom to ask for the way to all other wires; undefined where there are none. */
  readonly router: string | undefined;
}

/** The wire that an address is on; undefined where no network of the lab has it. */
export function placeOf(segments: readonly Segment[], address: string): Place | undefined {
  for (const segment of segments) {
    const own = segment.controller.find((controller) => contains(controller, address));
    if (own === undefined) continue;
    const [router, prefix] = ipaddr.parseCIDR(own);
    return { segment, prefix, router: segments.length > 1 ? router.toString() : undefined };
  }
  return undefined;
}

/** The card of a node in a network; undefined where it has no address there. */
export const cardIn = (node: Node, name: NetworkName, network: Network): string | undefined =>
  node.addresses[name] === undefined ? undefined : (node.interfaces[name] ?? network.interface);

/** Networks by the wire that they are on, in the order of their names. */
function wiresOf(inventory: Inventory): readonly (readonly NetworkName[])[] {
  const nodes = inventory.machines.flatMap((machine) => machine.nodes);
  const present = networkNames.filter((name) => inventory.networks[name] !== undefined);
  return present.reduce<readonly (readonly NetworkName[])[]>((wires, name) => {
    const isSame = (wire: readonly NetworkName[]) =>
      wire.some((other) => shareWire(inventory.networks, nodes, [name, other]));
    const joined = [...wires.filter(isSame).flat(), name];
    const rest = wires.filter((wire) => !isSame(wire));
    return joined.includes('management') ? [joined, ...rest] : [...rest, joined];
  }, []);
}

function shareWire(
  networks: Inventory['networks'],
  nodes: readonly Node[],
  [one, other]: readonly [NetworkName, NetworkName],
): boolean {
  const [first, second] = [networks[one], networks[other]];
  if (first === undefined || second === undefined) return false;
  if (first.cidr === second.cidr) return true;
  return nodes.some((node) => {
    const card = cardIn(node, one, first);
    return card !== undefined && card === cardIn(node, other, second);
  });
}

function takenAddresses({ machines, vips, ssh, lab }: Inventory): ReadonlySet<string> {
  const nodes = machines.flatMap((machine) => machine.nodes);
  const jumps = [ssh, ...nodes.map((node) => node.ssh)].flatMap(({ jump }) => jump?.host ?? []);
  return new Set(
    [
      ...nodes.flatMap(({ addresses }) => Object.values(addresses)),
      ...vips.map(({ address }) => address),
      ...(lab?.recorder ? [lab.recorder.address] : []),
      ...Object.values(lab?.outsiders ?? {}),
      ...jumps.filter((host) => ipaddr.isValid(host)),
    ].map((address) => ipaddr.parse(address).toNormalizedString()),
  );
}

function firstFree(cidr: string, taken: ReadonlySet<string>): string {
  const [network, prefix] = ipaddr.parseCIDR(cidr);
  const bytes = network.toByteArray();
  for (let last = (bytes.at(-1) ?? 0) + 1; last < 255; last += 1) {
    const address = ipaddr.fromByteArray([...bytes.slice(0, -1), last]).toNormalizedString();
    if (!taken.has(address)) return `${address}/${prefix}`;
  }
  throw new McpError('invalid-arguments', `no address of ${cidr} is left for the lab's controller`);
}

function contains(cidr: string, address: string): boolean {
  const [network, prefix] = ipaddr.parseCIDR(cidr);
  const parsed = ipaddr.parse(address);
  return parsed.kind() === network.kind() && parsed.match(network, prefix);
}
