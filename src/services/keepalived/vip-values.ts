import type { Host } from '../../model/host.ts';
import type { NetworkName } from '../../model/inventory.ts';
import type { Front } from '../../model/listener.ts';
import { type ResolvedVip, type Topology, vipsHeldBy } from '../../model/topology.ts';
import { vipMark } from '../../resources/index.ts';

/** Where the watch keeps what it found; with what the fronts' units say of themselves. */
const watchedFiles = '/run/mcp';

/** Where the watch of a host says which stations answered for a VIP. */
export const stationsFile = ({ name }: ResolvedVip): string => `${watchedFiles}/stations-${name}`;

/** What the template says of a host's VIPs, of what serves them and of who tells whether it is cut off. */
export function vipValues(host: Host, topology: Topology) {
  const vips = vipsHeldBy(topology, host);
  const networks = [...new Set(vips.map(({ network }) => network))]
    .map((network) => witnessesOf(host, network, topology))
    .filter(({ witnesses }) => witnesses.length > 1);
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
        isolated: networks.find(({ name }) => name === vip.network)?.name,
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

/**
 * The other hosts in a network, what they count, and how many votes must answer: with fewer than half of all hosts on its
 * side, itself included, a host is cut off. Of two halves the one with most of the database hosts goes on, since only
 * there rows can be written.
 */
function witnessesOf(host: Host, network: NetworkName, { hosts }: Topology) {
  const inNetwork = hosts.filter(
    ({ addresses }) => addresses[network].includes(':') === host.addresses[network].includes(':'),
  );
  const votes = votesOf(inNetwork);
  const total = [...votes.values()].reduce((sum, each) => sum + each, 0);
  const votesOfOne = (name: string): number => votes.get(name) ?? 0;
  // Each host begins with the one after it, so that not all ask the same.
  const own = inNetwork.findIndex(({ name }) => name === host.name);
  const witnesses = [...inNetwork.slice(own + 1), ...inNetwork.slice(0, own)].map(({ name, addresses }) => ({
    address: addresses[network],
    votes: votesOfOne(name),
  }));
  return {
    name: network,
    source: host.addresses[network],
    witnesses,
    needed: Math.floor(total / 2) + 1 - votesOfOne(host.name),
    file: `${watchedFiles}/isolated-${network}`,
  };
}

/**
 * One host counts more than all that breaks a tie together. The sum is odd, so that of two halves one always has more:
 * where the database hosts do not see to that, the first host does.
 */
function votesOf(hosts: readonly Host[]): ReadonlyMap<string, number> {
  const casting = hosts.filter(({ roles }) => roles.includes('database')).map(({ name }) => name);
  const each = 2 * (hosts.length + 1);
  const extra = casting.length % 2 === 1 ? casting : [...casting, hosts[0]?.name];
  return new Map(hosts.map(({ name }) => [name, each + extra.filter((one) => one === name).length]));
}
