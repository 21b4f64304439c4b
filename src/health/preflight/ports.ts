import type { Host } from '../../model/host.ts';
import type { Socket } from '../../model/listener.ts';
import { probeOutput, reachable } from '../../model/observed.ts';
import type { Probe } from '../../model/probe.ts';
import type { Topology } from '../../model/topology.ts';
import { quote } from '../../model/transport.ts';
import type { HostCheck } from './looked.ts';

/**
 * Tries every TCP socket that this host may need on its peers, and lists what already listens here:
 * lines `to ADDRESS PORT open|refused|filtered` and `listening PORT`. A refusal is good news: the way is free.
 */
export const portsProbe = (topology: Topology, host: Host): Probe => ({
  name: 'preflight.ports',
  deadlineSeconds: 10,
  script: `
try() {
  timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/$2"' - "$1" "$2" 2>/dev/null
  case $? in 0) state=open ;; 124) state=filtered ;; *) state=refused ;; esac
  echo "to $1 $2 $state"
}
${peerSockets(topology, host)
  .map(({ address, port }) => `try ${quote(address)} ${port} &`)
  .join('\n')}
wait
# Field 4 is the state, 0A is LISTEN; the local port is hexadecimal.
awk '$4 == "0A" { split($2, local, ":"); print local[2] }' /proc/net/tcp /proc/net/tcp6 2>/dev/null | sort -u |
  while read -r port; do echo "listening $((0x$port))"; done
`,
});

/** Nothing on the way between members drops what they will say to each other. */
export const portsAreOpen = (topology: Topology): HostCheck => ({
  name: 'preflight.ports',
  service: 'host',
  title: 'members reach each other on the ports they need',
  probe: 'preflight.ports',
  judge: (observed) =>
    topology.hosts.flatMap((host) => {
      const lines = (probeOutput(observed, host.name, 'preflight.ports') ?? '').split('\n');
      return peerSockets(topology, host)
        .filter(({ address, port }) => lines.includes(`to ${address} ${port} filtered`))
        .map((socket) => ({
          severity: 'red' as const,
          hosts: [host.name],
          message: `gets no answer from ${socket.host} on ${socket.address}:${socket.port} (${socket.purpose})`,
          hint: 'open the port in the firewall between them',
        }));
    }),
});

/** On a host that was never deployed to, nothing else sits on the ports we need. */
export const portsAreFree = (topology: Topology): HostCheck => ({
  name: 'preflight.ports-free',
  service: 'host',
  title: 'ports of services are free on hosts that are still to be deployed',
  probe: 'preflight.ports',
  judge: (observed) =>
    topology.hosts.flatMap((host) => {
      if (reachable(observed, host.name)?.cloud !== undefined) return [];
      const lines = (probeOutput(observed, host.name, 'preflight.ports') ?? '').split('\n');
      return portsWanted(topology, host)
        .filter(({ port }) => lines.includes(`listening ${port}`))
        .map(({ port, purpose }) => ({
          severity: 'red' as const,
          hosts: [host.name],
          message: `port ${port} is already in use (${purpose} needs it)`,
          hint: 'stop what listens there: `ss -ltnp`',
        }));
    }),
});

/**
 * What will listen on a host, each port once: on its own addresses, on the VIPs that it may hold, and on the loopback. A
 * program that has such a port on every address is in the way of all three.
 */
function portsWanted({ sockets, listeners, fronts }: Topology, { name, roles }: Host) {
  const own = sockets.filter(({ host, protocol }) => host === name && protocol === 'tcp');
  const here = fronts.filter(({ role }) => roles.includes(role));
  const offered = listeners.filter(({ role, reach }) =>
    here.some((front) => front.role === role || (front.role === 'proxy' && reach === 'world')),
  );
  const wanted = [
    ...own,
    ...offered.map(({ port, name: listener }) => ({ port, purpose: `${listener} on the VIP` })),
    ...here.flatMap(({ plainPort, service, unit, aliveUrl }) => [
      ...(plainPort === undefined ? [] : [{ port: plainPort, purpose: `${service}, clients without TLS` }]),
      { port: Number(new URL(aliveUrl).port), purpose: `${service}, whether ${unit} is alive` },
    ]),
  ];
  return [...new Map(wanted.toReversed().map(({ port, purpose }) => [port, { port, purpose }])).values()];
}

function peerSockets(topology: Topology, host: Host): readonly Socket[] {
  const mine = Object.values(host.addresses);
  const allowed = ({ from }: Socket) =>
    from === 'anyone' || from === 'cloud' || from.some((address) => mine.includes(address));
  return topology.sockets.filter(
    (socket) => socket.protocol === 'tcp' && socket.host !== host.name && allowed(socket),
  );
}
