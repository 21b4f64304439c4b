import type { Finding } from '../../model/check.ts';
import { type Host, networksOf, networksShared } from '../../model/host.ts';
import type { NetworkName } from '../../model/inventory.ts';
import { type ObservedState, probeOutput, reachable } from '../../model/observed.ts';
import type { Probe } from '../../model/probe.ts';
import { programWith } from '../../model/shell-program.ts';
import { type Topology, vipsHeldBy } from '../../model/topology.ts';
import type { HostCheck } from './looked.ts';
import wholePacketsText from './whole-packets.sh';

const probeName = 'preflight.wire';

/** Packets that fill the interface, to each other host in each network that both are in, and to gateways that are asked. */
export const wireProbe = (topology: Topology, host: Host): Probe => ({
  name: probeName,
  deadlineSeconds: 5,
  script: programWith(wholePacketsText, {
    words: peersOf(host, topology).flatMap(({ network, address }) => [
      host.interfaces[network],
      host.addresses[network],
      address,
    ]),
  }),
});

/**
 * A switch, a tunnel or a card on the way that takes less than the interfaces do loses large packets only, and says
 * nothing: a state transfer hangs while everything small works.
 */
export const wholePacketsPass = (topology: Topology): HostCheck => ({
  name: 'preflight.wire',
  service: 'host',
  title:
    'hosts answer each other in every network that they share, with packets as large as the interfaces take',
  probe: probeName,
  judge: (observed) => topology.hosts.flatMap((host) => judgeHost(host, topology, observed)),
});

function judgeHost(host: Host, topology: Topology, observed: ObservedState): readonly Finding[] {
  const output = probeOutput(observed, host.name, probeName);
  if (output === undefined) return [];
  const lines = output.split('\n');
  const answered = (start: string) => lines.some((line) => line === start || line.startsWith(`${start} `));
  // Who does not answer us is told by another check.
  const asked = peersOf(host, topology).filter(({ name }) => name === undefined || reachable(observed, name));
  return asked.flatMap(({ name, network, address }) => {
    const who = `${name ?? 'the gateway'} (${address})`;
    if (!answered(`small ${address}`)) return [mute(host, network, who)];
    if (name === undefined || answered(`whole ${address}`)) return [];
    return [cut(host, network, who)];
  });
}

const mute = ({ name, interfaces }: Host, network: NetworkName, who: string): Finding => ({
  severity: 'red',
  hosts: [name],
  message: `gets no answer to ping from ${who} in the ${network} network, over ${interfaces[network]}`,
  hint: 'let ICMP pass between hosts and from their gateways: by that a host knows whether it is cut off',
});

const cut = ({ name, interfaces }: Host, network: NetworkName, who: string): Finding => ({
  severity: 'red',
  hosts: [name],
  message: `packets that fill ${interfaces[network]} do not get to ${who} and back in the ${network} network, small ones do`,
  hint: 'give the switches and tunnels between them the MTU of the interfaces, or the interfaces a smaller one',
});

interface Peer {
  /** The host; undefined: a gateway, which is asked whether it is there and no more. */
  readonly name: string | undefined;
  readonly network: NetworkName;
  readonly address: string;
}

const peersOf = (host: Host, topology: Topology): readonly Peer[] => [
  ...topology.hosts
    .filter(({ name }) => name !== host.name)
    .flatMap((other) =>
      networksShared(host, other).map((network) => ({
        name: other.name,
        network,
        address: other.addresses[network],
      })),
    ),
  ...networksOf(host).flatMap((network) => {
    const gateway = vipsHeldBy(topology, host).find((vip) => vip.network === network)?.gateway;
    return gateway === undefined ? [] : [{ name: undefined, network, address: gateway }];
  }),
];
