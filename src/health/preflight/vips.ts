import type { Check } from '../../model/check.ts';
import type { Host } from '../../model/host.ts';
import { probeOutput, reachable } from '../../model/observed.ts';
import type { Probe } from '../../model/probe.ts';
import { type Topology, vipsHeldBy } from '../../model/topology.ts';
import { quote } from '../../model/transport.ts';

/** Who answers ARP for each VIP that this host may hold: lines `ADDRESS MAC`. The connection only provokes the question. */
export const vipProbe = (topology: Topology, host: Host): Probe => ({
  name: 'preflight.vips',
  deadlineSeconds: 5,
  script: `${vipsHeldBy(topology, host)
    .map(({ address }) => `timeout 1 bash -c 'exec 3<>"/dev/tcp/$1/22"' - ${quote(address)} 2>/dev/null &`)
    .join('\n')}
wait
awk '$4 != "00:00:00:00:00:00" && $4 != "HW" { print $1, $4 }' /proc/net/arp
`,
});

/** A VIP that no host of ours holds and that still answers belongs to somebody else. */
export const noStrangerAnswers = (topology: Topology): Check => ({
  name: 'preflight.vips',
  service: 'keepalived',
  title: 'nobody else answers on our VIPs',
  judge: (observed) => {
    const held = topology.hosts.flatMap(({ name }) => reachable(observed, name)?.addresses ?? []);
    return topology.vips
      .filter(({ address }) => !held.includes(address))
      .flatMap(({ name, address, candidates }) => {
        const answers = candidates.flatMap((host) =>
          parseNeighbours(probeOutput(observed, host.name, 'preflight.vips')),
        );
        const stranger = answers.find((neighbour) => neighbour.address === address);
        if (!stranger) return [];
        return [
          {
            severity: 'red' as const,
            hosts: [],
            message: `the VIP ${name} (${address}) is answered by ${stranger.mac}, which is none of our hosts`,
            hint: 'choose another address, or take it away from that machine',
          },
        ];
      });
  },
});

const listenSeconds = 3;

/**
 * Hears VRRP adverts for a few seconds: lines `SOURCE VRID`. Adverts come each second by default, so three are enough.
 * Unicast adverts of others can't be heard; multicast ones (224.0.0.18) can.
 */
export const vrrpProbe = (topology: Topology, host: Host): Probe => ({
  name: 'preflight.vrrp',
  deadlineSeconds: listenSeconds + 3,
  script:
    vipsHeldBy(topology, host).length === 0
      ? 'true'
      : `timeout ${listenSeconds} perl -MSocket -e '
  my ($address) = @ARGV;
  socket(my $s, AF_INET, SOCK_RAW, 112) or die "raw socket: $!";
  setsockopt($s, IPPROTO_IP, IP_ADD_MEMBERSHIP, pack_ip_mreq(inet_aton("224.0.0.18"), inet_aton($address)));
  $| = 1;
  while (defined(recv($s, my $packet, 2048, 0))) {
    my $header = (ord(substr($packet, 0, 1)) & 15) * 4;
    print inet_ntoa(substr($packet, 12, 4)), " ", ord(substr($packet, $header + 1, 1)), "\\n";
  }' ${quote(host.addresses.management)} | sort -u
true
`,
});

/** Two routers with one VRID on a segment reject each other's adverts or take each other's addresses. */
export const noForeignRouters = (topology: Topology): Check => ({
  name: 'preflight.vrrp',
  service: 'keepalived',
  title: 'nobody else uses our VRRP router ids',
  judge: (observed) => {
    const ours = topology.hosts.flatMap(({ addresses }) => Object.values(addresses));
    return topology.hosts.flatMap((host) =>
      parseRouters(probeOutput(observed, host.name, 'preflight.vrrp'))
        .filter(({ source }) => !ours.includes(source))
        .flatMap(({ source, routerId }) => {
          const vip = topology.vips.find((candidate) => candidate.routerId === routerId);
          if (!vip) return [];
          return [
            {
              severity: 'red' as const,
              hosts: [host.name],
              message: `hears VRRP router id ${routerId} from ${source}, which is none of our hosts (VIP ${vip.name} uses it)`,
              hint: `give the VIP ${vip.name} another routerId`,
            },
          ];
        }),
    );
  },
});

function parseNeighbours(
  output: string | undefined,
): readonly { readonly address: string; readonly mac: string }[] {
  return (output ?? '').split('\n').flatMap((line) => {
    const [address, mac] = line.split(' ');
    return address && mac ? [{ address, mac }] : [];
  });
}

function parseRouters(
  output: string | undefined,
): readonly { readonly source: string; readonly routerId: number }[] {
  return (output ?? '').split('\n').flatMap((line) => {
    const [source, routerId] = line.split(' ');
    return source && routerId ? [{ source, routerId: Number(routerId) }] : [];
  });
}
