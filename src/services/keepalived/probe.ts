import type { Host } from '../../model/host.ts';
import { type ObservedState, probeOutput } from '../../model/observed.ts';
import { type Probe, remotePatienceSeconds } from '../../model/probe.ts';
import { portsOf, type ResolvedVip, type Topology, vipsHeldBy } from '../../model/topology.ts';
import { maintenanceMark, vipMark, vrrpStateFile } from '../../resources/index.ts';
import { contestedFile, frontsOn, isolatedFile, stationsFile } from './vip-values.ts';

const probeName = 'keepalived.vips';

/**
 * What Keepalived on a host says of its VIPs, what bars it from them, which stations answered for them, how the host is
 * known as a station itself, and which of all VIPs answer to it.
 */
export function vipsProbe(host: Host, topology: Topology): Probe {
  const mine = vipsHeldBy(topology, host);
  const lines = [
    `say maintenance ${maintenanceMark}`,
    ...mine.flatMap((vip) => [
      `say state.${vip.name} ${vrrpStateFile(vip)}`,
      `say mark.${vip.name} ${vipMark(vip)}`,
      `say stations.${vip.name} ${stationsFile(vip)}`,
      `say contested.${vip.name} ${contestedFile(vip)}`,
      `say isolated.${vip.name} ${isolatedFile(vip.network)}`,
    ]),
    ...frontsOn(host, topology).map(({ role, trackFile }) => `say front.${role} ${trackFile}`),
  ];
  const asked = topology.vips.flatMap((vip) =>
    portsOf(vip, topology).map((port) => ({ name: vip.name, place: { address: vip.address, port } })),
  );
  return {
    name: probeName,
    deadlineSeconds: 8,
    script: `say() { read -r value 2>/dev/null <"$2" || value=; echo "$1=$value"; }
${lines.join('\n')}
read -r uptime _ </proc/uptime; echo "uptime=$uptime"
macs=
for each in /sys/class/net/*/address; do read -r mac 2>/dev/null <"$each" && macs="$macs $mac"; done
echo "macs=$macs"
`,
    asks: {
      needs: [],
      exchanges: asked.map(({ place }) => ({
        place,
        sends: '',
        reads: 'nothing',
        seconds: remotePatienceSeconds,
      })),
      told: (answers) => {
        const answering = new Set(
          asked.flatMap(({ name }, index) => (answers[index]?.reached ? [name] : [])),
        );
        const names = [...new Set(asked.map(({ name }) => name))];
        return names.map((name) => `answers.${name}=${answering.has(name) ? 'yes' : 'no'}\n`).join('');
      },
    },
  };
}

/**
 * One host's answers by key: `state.control`, `mark.control`, `stations.control`, `contested.control`,
 * `isolated.control`, `front.control`, `maintenance`, `uptime`, `macs`, `answers.control`.
 */
export function vipReply(observed: ObservedState, host: string): ReadonlyMap<string, string> {
  const output = probeOutput(observed, host, probeName) ?? '';
  return new Map(
    output
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** Whether the Keepalived that runs on a host has an instance for a VIP: each says what it is as soon as it starts. */
export const isCandidate = ({ name }: ResolvedVip, host: string, observed: ObservedState): boolean =>
  (vipReply(observed, host).get(`state.${name}`) ?? '') !== '';
