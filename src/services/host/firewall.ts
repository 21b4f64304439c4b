import type { Host } from '../../model/host.ts';
import type { NetworkName } from '../../model/inventory.ts';
import type { Socket } from '../../model/listener.ts';
import type { Topology } from '../../model/topology.ts';

/** What the firewall's template says of a host: who may send VRRP, and who may reach each restricted socket. */
export function firewallValues(host: Host, topology: Topology) {
  const cloud = addressesOf(topology.hosts);
  const restricted = topology.sockets.filter(
    (socket) => socket.host === host.name && socket.from !== 'anyone',
  );
  return {
    vrrp: [
      { family: 'ip', protocolMatch: 'ip protocol', from: cloud.filter(isIpv4) },
      { family: 'ip6', protocolMatch: 'ip6 nexthdr', from: cloud.filter((address) => !isIpv4(address)) },
    ].filter(({ from }) => from.length > 0),
    rules: restricted.map((socket) => ruleFor(socket, cloud)),
  };
}

function ruleFor({ address, port, protocol, purpose, from }: Socket, cloud: readonly string[]) {
  const allowed = from === 'cloud' || from === 'anyone' ? cloud : from;
  return {
    purpose,
    address,
    port,
    protocol,
    family: isIpv4(address) ? 'ip' : 'ip6',
    from: [...new Set([address, ...allowed])].filter((one) => isIpv4(one) === isIpv4(address)),
  };
}

/** Every address of `hosts`, each once. */
const addressesOf = (hosts: readonly Host[]): readonly string[] => [
  ...new Set(hosts.flatMap(({ addresses }) => networks.map((network) => addresses[network]))),
];

const networks: readonly NetworkName[] = ['management', 'internal', 'public', 'replication'];

const isIpv4 = (address: string): boolean => !address.includes(':');
