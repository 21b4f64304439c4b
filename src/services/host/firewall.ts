import type { Host } from '../../model/host.ts';
import type { NetworkName } from '../../model/inventory.ts';
import type { Listener, Socket } from '../../model/listener.ts';
import { type Instance, type ResolvedVip, type Topology, vipsHeldBy } from '../../model/topology.ts';
import type { HostSettings } from './settings.ts';

/** What the firewall's template says of a host: who may send VRRP, and who may reach what is not for everyone. */
export function firewallValues({ host, settings }: Instance<HostSettings>, topology: Topology) {
  const cloud = addressesOf(topology.hosts);
  const restricted = topology.sockets.filter(
    (socket) => socket.host === host.name && socket.from !== 'anyone',
  );
  return {
    vrrp: [
      { family: 'ip', protocolMatch: 'ip protocol', from: cloud.filter(isIpv4) },
      { family: 'ip6', protocolMatch: 'ip6 nexthdr', from: cloud.filter((address) => !isIpv4(address)) },
    ].filter(({ from }) => from.length > 0),
    rules: [
      ...restricted.map((socket) => ruleFor(socket, cloud)),
      ...vipsHeldBy(topology, host).flatMap((vip) =>
        closedOn(vip, topology).map((listener) =>
          ruleForVip(vip, listener, { cloud, trusted: settings.trustedNetworks }),
        ),
      ),
    ],
  };
}

function ruleFor({ address, port, protocol, purpose, from }: Socket, cloud: readonly string[]) {
  const allowed = from === 'cloud' || from === 'anyone' ? cloud : from;
  return { ...rule({ purpose, address, port, protocol }, [address, ...allowed]), trusted: [] };
}

/** What stands on a VIP and is not for everyone. */
const closedOn = ({ role }: ResolvedVip, { listeners }: Topology): readonly Listener[] =>
  listeners.filter((listener) => listener.role === role && listener.from === 'cloud');

/** Servers refuse strangers themselves; through a load balancer they would see its address and let them in. */
const ruleForVip = (
  vip: ResolvedVip,
  { name, port }: Listener,
  { cloud, trusted }: Readonly<Record<'cloud' | 'trusted', readonly string[]>>,
) => ({
  ...rule({ purpose: `${name} on the VIP ${vip.name}`, address: vip.address, port, protocol: 'tcp' }, cloud),
  trusted: trusted.filter((network) => isIpv4(network) === isIpv4(vip.address)),
});

const rule = (
  what: Pick<Socket, 'purpose' | 'address' | 'port' | 'protocol'>,
  allowed: readonly string[],
) => ({
  ...what,
  family: isIpv4(what.address) ? 'ip' : 'ip6',
  from: [...new Set(allowed)].filter((one) => isIpv4(one) === isIpv4(what.address)),
});

/** Every address of `hosts`, each once. */
const addressesOf = (hosts: readonly Host[]): readonly string[] => [
  ...new Set(hosts.flatMap(({ addresses }) => networks.map((network) => addresses[network]))),
];

const networks: readonly NetworkName[] = ['management', 'internal', 'public', 'replication'];

const isIpv4 = (address: string): boolean => !address.includes(':');
