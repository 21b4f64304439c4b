import type { Check, Finding } from '../../model/check.ts';
import type { Host } from '../../model/host.ts';
import { type ObservedState, probeOutput, reachable } from '../../model/observed.ts';
import type { Probe } from '../../model/probe.ts';
import { programWith } from '../../model/shell-program.ts';
import { type Topology, vipsHeldBy } from '../../model/topology.ts';
import hearRoutersText from './hear-routers.sh';

const probeName = 'preflight.vrrp';

/** Adverts come each second by default. */
const listenSeconds = 3;

/** Hears VRRP adverts for a few seconds, on each network in which the host may hold a VIP. */
export const vrrpProbe = (topology: Topology, host: Host): Probe => {
  const networks = [...new Set(vipsHeldBy(topology, host).map(({ network }) => network))];
  const words = networks.flatMap((network) => [host.addresses[network], host.interfaces[network]]);
  return {
    name: probeName,
    deadlineSeconds: listenSeconds + 3,
    script: programWith(hearRoutersText, { values: { seconds: listenSeconds }, words }),
  };
};

/** Two routers with one VRID on a segment reject each other's adverts or take each other's addresses. */
export const noForeignRouters = (topology: Topology): Check => ({
  name: 'preflight.vrrp',
  service: 'keepalived',
  title: 'nobody else uses our VRRP router ids',
  judge: (observed) => {
    const listening = topology.hosts.filter((host) => vipsHeldBy(topology, host).length > 0);
    return [
      ...listening.flatMap((host) => judgeHeard(host, topology, observed)),
      ...judgeDeaf(listening, topology, observed),
    ];
  },
});

function judgeHeard(host: Host, topology: Topology, observed: ObservedState): readonly Finding[] {
  const ours = topology.hosts.flatMap(({ addresses }) => Object.values(addresses));
  return linesOf(host.name, observed).flatMap((line) => {
    const [, card, source, routerId] = /^hears (\S+) (\S+) (\d+)$/.exec(line) ?? [];
    // Elsewhere the same number is another group.
    const vip = vipsHeldBy(topology, host).find(
      (each) => each.routerId === Number(routerId) && host.interfaces[each.network] === card,
    );
    if (source === undefined || vip === undefined || ours.includes(source)) return [];
    return [
      {
        severity: 'red' as const,
        hosts: [host.name],
        message: `hears VRRP router id ${routerId} from ${source}, which is none of our hosts, in the ${vip.network} network (VIP ${vip.name} uses it)`,
        hint: `give the VIP ${vip.name} another routerId`,
      },
    ];
  });
}

/** What was not looked at is not well. A host that can not be reached is told elsewhere, unless nobody else listened there. */
function judgeDeaf(
  listening: readonly Host[],
  topology: Topology,
  observed: ObservedState,
): readonly Finding[] {
  const hears = ({ name }: Host) => linesOf(name, observed).includes('listened');
  const blamed = listening.filter((host) => !hears(host) && reachable(observed, host.name));
  const unheard = topology.vips.filter(({ candidates }) => !candidates.some(hears));
  const unheardNames = unheard.map(({ name }) => name).join(', ');
  if (blamed.length === 0 && unheard.length === 0) return [];
  return [
    {
      severity: 'red',
      hosts: blamed.map(({ name }) => name),
      message: `could not listen for foreign VRRP routers${unheard.length === 0 ? '' : `: nobody did where the VIPs are (${unheardNames})`}`,
      hint: 'see whether they can be reached and have the interfaces of their VIPs',
    },
  ];
}

const linesOf = (host: string, observed: ObservedState): readonly string[] =>
  (probeOutput(observed, host, probeName) ?? '').split('\n');
