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
    const deaf = listening.filter(({ name }) => !linesOf(name, observed).includes('listened'));
    return [
      ...listening.flatMap((host) => judgeHeard(host, topology, observed)),
      ...judgeDeaf(deaf, listening, observed),
    ];
  },
});

function judgeHeard(host: Host, topology: Topology, observed: ObservedState): readonly Finding[] {
  const ours = topology.hosts.flatMap(({ addresses }) => Object.values(addresses));
  return linesOf(host.name, observed).flatMap((line) => {
    const [, source, routerId] = /^hears (\S+) (\d+)$/.exec(line) ?? [];
    const vip = vipsHeldBy(topology, host).find((candidate) => candidate.routerId === Number(routerId));
    if (source === undefined || vip === undefined || ours.includes(source)) return [];
    return [
      {
        severity: 'red' as const,
        hosts: [host.name],
        message: `hears VRRP router id ${routerId} from ${source}, which is none of our hosts (VIP ${vip.name} uses it)`,
        hint: `give the VIP ${vip.name} another routerId`,
      },
    ];
  });
}

/** What was not looked at is not well. A host that can not be reached is told elsewhere, unless nobody else listened. */
function judgeDeaf(
  deaf: readonly Host[],
  listening: readonly Host[],
  observed: ObservedState,
): readonly Finding[] {
  const blamed = deaf.map(({ name }) => name).filter((name) => reachable(observed, name));
  if (blamed.length === 0 && (deaf.length === 0 || deaf.length < listening.length)) return [];
  return [
    {
      severity: 'red',
      hosts: blamed,
      message: 'could not listen for foreign VRRP routers',
      hint: 'see whether they can be reached and have the interfaces of their VIPs',
    },
  ];
}

const linesOf = (host: string, observed: ObservedState): readonly string[] =>
  (probeOutput(observed, host, probeName) ?? '').split('\n');
