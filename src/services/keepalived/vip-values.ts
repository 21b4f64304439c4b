import type { Host } from '../../model/host.ts';
import type { NetworkName } from '../../model/inventory.ts';
import type { Front } from '../../model/listener.ts';
import { isBeside, type ResolvedVip, type Topology, vipsHeldBy } from '../../model/topology.ts';
import { vipMark } from '../../resources/index.ts';

/** Where the watch keeps what it found; with what the fronts' units say of themselves. */
const watchedFiles = '/run/mcp';

/** Where the watch of a host says which stations answered for a VIP. */
export const stationsFile = ({ name }: ResolvedVip): string => `${watchedFiles}/stations-${name}`;

/** Where the watch of a host says that it may not take a VIP though it hears no adverts. */
export const contestedFile = ({ name }: ResolvedVip): string => `${watchedFiles}/contested-${name}`;

/** Where the watch of a host says that it is cut off in a network. */
export const isolatedFile = (network: NetworkName): string => `${watchedFiles}/isolated-${network}`;

/** UDP, on the address of each network with VIPs: the watches tell each other what they hold and hear. */
export const watchPort = 9201;

/** What the template says of a host's VIPs, of what serves them and of who tells whether it is cut off. */
export function vipValues(host: Host, topology: Topology) {
  const vips = vipsHeldBy(topology, host);
  const networks = watchedNetworks(host, topology).map((network) => watchedNetwork(host, network, topology));
  const hasWitnesses = ({ network }: ResolvedVip) => networks.some(({ name }) => name === network);
  const fronts = frontsOn(host, topology);
  return {
    fronts: fronts.map((front) => ({
      name: frontName(front),
      unit: front.unit,
      trackFile: front.trackFile,
      aliveFile: `${watchedFiles}/alive-${frontName(front)}`,
      alive: aliveOf(front),
    })),
    networks,
    contested: vips.filter(hasWitnesses).map((vip) => ({
      ...{ name: vip.name, address: vip.address, network: vip.network, file: contestedFile(vip) },
    })),
    databases: databasesOf(topology),
    writers: vips.flatMap((vip) => writersBehind(vip, fronts, topology)),
    searches: vips.map((vip) => ({
      name: vip.name,
      address: vip.address,
      source: host.addresses[vip.network],
      interface: host.interfaces[vip.network],
      file: stationsFile(vip),
    })),
    vips: vips.map((vip) => {
      const front = fronts.find(({ role }) => role === vip.role);
      const alone = topology.vips.filter(({ role }) => role === vip.role).length === 1;
      return {
        name: vip.name,
        mark: vipMark(vip),
        routerId: vip.routerId,
        placed: placedAs(vip, host.interfaces[vip.network]),
        priority: priorityOf(host, vip),
        interface: host.interfaces[vip.network],
        source: host.addresses[vip.network],
        peers: vip.candidates
          .filter(({ name }) => name !== host.name)
          .map(({ addresses }) => addresses[vip.network]),
        front: front && frontName(front),
        isolated: hasWitnesses(vip) ? vip.network : undefined,
        contestedFile: hasWitnesses(vip) ? contestedFile(vip) : undefined,
        // With a second VIP on the same balancer its sessions could belong to that one.
        adminSocket: alone ? front?.adminSocket : undefined,
      };
    }),
  };
}

/** The address as a second one of its network. With IPv6 an address is the source of what is sent to itself either way. */
const placedAs = ({ address, prefix }: ResolvedVip, device: string): string =>
  address.includes(':') ? `${address}/128 dev ${device}` : `${address}/${prefix} dev ${device} noprefixroute`;

/** The fronts that a host needs to hold its VIPs. */
export const frontsOn = (host: Host, topology: Topology): readonly Front[] => {
  const roles = new Set(vipsHeldBy(topology, host).map(({ role }) => role));
  return topology.fronts.filter(({ role }) => roles.has(role));
};

const frontName = ({ unit }: Front): string =>
  unit.replace(/\.service$/, '').replaceAll(/[^A-Za-z0-9]/g, '_');

function aliveOf({ aliveUrl }: Front) {
  const { hostname, port, pathname } = new URL(aliveUrl);
  return { address: hostname.replaceAll(/[[\]]/g, ''), port: port === '' ? '80' : port, path: pathname };
}

/** 250, 200, 150 …: first choice first, in equal steps that stay above 0 however many candidates there are. */
function priorityOf(host: Host, { candidates }: ResolvedVip): number {
  const step = Math.min(50, Math.floor(250 / candidates.length));
  return 250 - step * candidates.findIndex(({ name }) => name === host.name);
}

/** Where the members of the database say with how many they serve. */
const databasesOf = ({ listeners }: Topology) =>
  listeners.flatMap(({ kind, servers, check, componentPath }) =>
    kind === 'single-writer' && check.kind === 'direct' && componentPath !== undefined
      ? servers.map(({ address }) => ({ address, port: check.port, path: componentPath }))
      : [],
  );

/** The backends behind a VIP of which one server takes everything, and where their load balancer is asked. */
const writersBehind = ({ role, address }: ResolvedVip, fronts: readonly Front[], { listeners }: Topology) => {
  const socket = fronts.find((front) => front.role === role)?.adminSocket;
  return listeners.flatMap((listener) =>
    listener.role === role && listener.kind === 'single-writer' && socket !== undefined
      ? [{ address, socket, backend: listener.name }]
      : [],
  );
};

/**
 * The networks in which the watch of a host asks others: those of its VIPs where two or more could answer. One that is silent
 * may be down itself: two hosts that judge by each other would both give up the VIP of a network in which nothing is wrong.
 */
export const watchedNetworks = (
  host: Host,
  topology: Pick<Topology, 'hosts' | 'vips'>,
): readonly NetworkName[] =>
  [...new Set(vipsHeldBy(topology, host).map(({ network }) => network))].filter(
    (network) => witnessesIn(network, host, topology).length >= fewestWitnesses,
  );

const fewestWitnesses = 2;

interface Witness {
  readonly address: string;
  readonly votes: number;
}

/** Whom a host asks in a network: the others that have an address there, and the gateway where it is needed. */
function witnessesIn(
  network: NetworkName,
  host: Host,
  topology: Pick<Topology, 'hosts' | 'vips'>,
): readonly Witness[] {
  const inNetwork = hostsIn(network, topology);
  const votes = votesOf(inNetwork);
  const others = othersFrom(host, inNetwork);
  return [
    ...others.map(({ name, addresses }) => ({ address: addresses[network], votes: votes.get(name) ?? 0 })),
    ...gatewayOf(network, others, topology),
  ];
}

/**
 * As one more host, beside a single other one. Where there are more, most of them decide: a gateway may be two routers with
 * one address, and with its vote both sides of a cut between them would go on.
 */
function gatewayOf(
  network: NetworkName,
  others: readonly Host[],
  { vips }: Pick<Topology, 'vips'>,
): readonly Witness[] {
  const gateway = vips.find((vip) => vip.network === network)?.gateway;
  return others.length === 1 && gateway !== undefined ? [{ address: gateway, votes: votesOfOther }] : [];
}

/**
 * Whom a host asks in a network, what they count, how many votes must answer, and who of the other hosts runs the watch
 * too. Without the votes a host is cut off.
 */
function watchedNetwork(host: Host, network: NetworkName, topology: Topology) {
  const inNetwork = hostsIn(network, topology);
  const own = votesOf(inNetwork).get(host.name) ?? 0;
  const witnesses = witnessesIn(network, host, topology);
  const total = witnesses.reduce((sum, { votes }) => sum + votes, own);
  return {
    name: network,
    source: host.addresses[network],
    port: watchPort,
    witnesses,
    others: othersFrom(host, inNetwork)
      .filter((other) => watchedNetworks(other, topology).includes(network))
      .map(({ addresses }) => addresses[network]),
    vips: topology.vips.filter((vip) => vip.network === network).map(({ name: vip }) => vip),
    needed: Math.floor(total / 2) + 1 - own,
    file: isolatedFile(network),
  };
}

/** All hosts that have an address in the network of a VIP. */
function hostsIn(network: NetworkName, { hosts, vips }: Pick<Topology, 'hosts' | 'vips'>): readonly Host[] {
  const vip = vips.find((each) => each.network === network);
  return vip === undefined ? [] : hosts.filter((host) => isBeside(host, vip));
}

/** Each host begins with the one after it, so that not all ask the same. */
function othersFrom(host: Host, inNetwork: readonly Host[]): readonly Host[] {
  const own = inNetwork.findIndex(({ name }) => name === host.name);
  return own < 0 ? inNetwork : [...inNetwork.slice(own + 1), ...inNetwork.slice(0, own)];
}

/** What a host that is no database host counts. */
const votesOfOther = 2;

/**
 * Most of the database hosts decide, whatever else there is: only there rows can be written, and nothing is served without
 * them. Where these are an even number, and halves, all other hosts break the tie, and the first one between those.
 */
function votesOf(hosts: readonly Host[]): ReadonlyMap<string, number> {
  const isCasting = ({ roles }: Host) => roles.includes('database');
  const others = hosts.filter((host) => !isCasting(host));
  // With two each of the others the sum is odd, so that one side always has more.
  const heavy = votesOfOther * (others.length + 1);
  const votes = new Map(hosts.map((host) => [host.name, isCasting(host) ? heavy : votesOfOther]));
  const [first] = others.length > 0 ? others : hosts;
  if (first !== undefined) votes.set(first.name, (votes.get(first.name) ?? 0) + 1);
  return votes;
}
