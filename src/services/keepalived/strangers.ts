import type { Finding } from '../../model/check.ts';
import { membershipIn, type ObservedState, reachable } from '../../model/observed.ts';
import type { ResolvedVip, Topology } from '../../model/topology.ts';
import { holdersOf } from '../../resources/index.ts';
import { watchUnit } from './resources.ts';
import { macsOf, merged, type Station, stationsHeardBy } from './stations.ts';

/** Whoever answers for a VIP and does not hold it: a machine of others, or one of ours that should not. */
export function judgeStrangers(
  vip: ResolvedVip,
  topology: Topology,
  observed: ObservedState,
): readonly Finding[] {
  const looks = vip.candidates.map(({ name }) => ({ name, heard: stationsHeardBy(name, vip, observed) }));
  const stations = merged(looks.flatMap(({ heard }) => heard ?? []));
  const blind = looks.filter(({ name, heard }) => heard === undefined && watches(name, observed));
  return [
    ...stations.flatMap((station) => judgeStation(station, vip, topology, observed)),
    ...blind.map(({ name }) => warning([name], `nobody looks for strangers on ${name} (${vip.name})`)),
  ];
}

/** Where the watch does not run at all, that is another check's finding. */
const watches = (host: string, observed: ObservedState): boolean =>
  reachable(observed, host)?.units.get(watchUnit)?.activeState === 'active';

function judgeStation(
  station: Station,
  vip: ResolvedVip,
  topology: Topology,
  observed: ObservedState,
): readonly Finding[] {
  const owners = ownersOf(station, vip, topology, observed);
  const [owner] = owners;
  if (owners.length > 1) {
    const message = `${station.mac} answers for every host of ${vip.name}'s network, as some gateways do: strangers can not be told there`;
    return [warning([], message)];
  }
  return owner === undefined
    ? judgeForeign(station, vip, topology, observed)
    : judgeOurs(owner, station, vip, observed);
}

/**
 * The hosts of ours that a station is: by its MAC address, or by what the others know it as where it tells us nothing.
 * A gateway that answers for everybody is known as all of them.
 */
function ownersOf(
  { mac, addresses }: Station,
  vip: ResolvedVip,
  { hosts }: Topology,
  observed: ObservedState,
): readonly string[] {
  const byMac = [...observed.hosts.keys()].filter((name) => macsOf(name, observed).includes(mac));
  // Bridges of two hosts may have the same one.
  const holder = byMac.find((name) => holdersOf(vip, observed).includes(name));
  if (byMac.length > 0) return [holder, ...byMac].filter((name) => name !== undefined).slice(0, 1);
  const others = addresses.filter((address) => address !== vip.address);
  return hosts
    .filter((host) => Object.values(host.addresses).some((address) => others.includes(address)))
    .map(({ name }) => name);
}

/**
 * A VIP that moves is heard from its old holder and then from its new one, never from both to one question; and the file
 * of who asked may be older than the address on the new holder. So what is heard beside another twice in a row counts.
 */
function judgeOurs(
  owner: string,
  station: Station,
  vip: ResolvedVip,
  observed: ObservedState,
): readonly Finding[] {
  if (station.beside < 2 || holdersOf(vip, observed).includes(owner)) return [];
  const does = `${owner} (${station.mac}) answers for ${placeOf(vip)} ${besideWhom(vip, observed)}`;
  const isAsked = reachable(observed, owner) !== undefined;
  return [
    {
      severity: 'red',
      // That one which does not answer us has a VIP does not follow from that.
      hosts: isAsked ? [owner] : [],
      message: isAsked ? `${does}, and should not` : `${does}, and does not answer us`,
      hint: `Look on ${owner} at what has ${vip.address}: ip address, and journalctl -u keepalived.`,
    },
  ];
}

function judgeForeign(
  station: Station,
  vip: ResolvedVip,
  topology: Topology,
  observed: ObservedState,
): readonly Finding[] {
  const unnamed = unnamedHosts(vip, topology, observed);
  // It may be one of those, to which the same applies as to all of ours.
  if (unnamed.length > 0 && station.beside < 2) return [];
  const red = (message: string, hint: string): readonly Finding[] => [
    { severity: 'red', hosts: [], message, hint },
  ];
  const does = `answers for ${placeOf(vip)} ${besideWhom(vip, observed)}`;
  const former = formerMembers(topology, observed);
  const member = former.find(({ addresses }) => station.addresses.some((each) => addresses.includes(each)));
  if (member) {
    return red(
      `${member.name} (${station.mac}), which no longer belongs to this cloud, ${does}`,
      `Stop Keepalived on ${member.name}; where it answers, mcp deploy does that.`,
    );
  }
  const known = station.addresses.length === 0 ? '' : ` (${station.addresses.join(', ')})`;
  const who = unnamed.length === 0 ? "none of this cloud's hosts" : 'none of the hosts that answer us';
  const suspects = [...unnamed, ...former.map(({ name }) => name)];
  return red(
    `${station.mac}${known} ${does}: it is ${who}`,
    [
      `Take ${vip.address} away from it: a switch tells at which port it is, "ip neigh" on ${station.heardBy.join(' or ')} under which other addresses it is known.`,
      ...(suspects.length === 0 ? [] : [`It may be ${suspects.join(' or ')}.`]),
    ].join(' '),
  );
}

/** Hosts of ours that could answer for a VIP and do not tell how they are known as stations. */
function unnamedHosts(vip: ResolvedVip, { hosts }: Topology, observed: ObservedState): readonly string[] {
  const names = new Set([...hosts.map(({ name }) => name), ...observed.hosts.keys()]);
  return [...names].filter((name) => {
    if (macsOf(name, observed).length > 0) return false;
    const host = reachable(observed, name);
    const isCandidate = vip.candidates.some((candidate) => candidate.name === name);
    return host === undefined || isCandidate || host.addresses.includes(vip.address);
  });
}

/** Whom the newest record still knows, while the inventory does not and no run deals with it. */
function formerMembers({ hosts, cloud }: Topology, observed: ObservedState) {
  const recorded = membershipIn(observed, cloud);
  return [...(recorded?.members ?? []), ...(recorded?.forgotten ?? [])]
    .filter(({ name }) => hosts.every((host) => host.name !== name) && !observed.hosts.has(name))
    .map(({ name, addresses }) => ({ name, addresses: Object.values(addresses) }));
}

const placeOf = ({ name, address }: ResolvedVip): string => `${name} (${address})`;

function besideWhom(vip: ResolvedVip, observed: ObservedState): string {
  const holders = holdersOf(vip, observed);
  return holders.length === 0 ? 'while no host of ours holds it' : `beside ${holders.join(' and ')}`;
}

const warning = (hosts: readonly string[], message: string): Finding => ({
  severity: 'warning',
  hosts,
  message,
});
