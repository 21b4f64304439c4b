import type { Check, Finding } from '../../model/check.ts';
import type { Host } from '../../model/host.ts';
import { type ObservedState, probeOutput, reachable } from '../../model/observed.ts';
import type { Probe } from '../../model/probe.ts';
import { programWith } from '../../model/shell-program.ts';
import { type ResolvedVip, type Topology, vipsHeldBy } from '../../model/topology.ts';
import whoHasText from './who-has.sh';

const probeName = 'preflight.vips';

/** How a host's network cards are known, and who answers for each VIP that it may hold. */
export const vipProbe = (topology: Topology, host: Host): Probe => ({
  name: probeName,
  deadlineSeconds: 5,
  script: programWith(whoHasText, {
    words: vipsHeldBy(topology, host).flatMap(({ address, network }) => [
      address,
      host.addresses[network],
      host.interfaces[network],
    ]),
  }),
});

/** Whoever answers for a VIP must be one of our hosts, before a deploy as well as after it. */
export const noStrangerAnswers = (topology: Topology): Check => ({
  name: 'preflight.vips',
  service: 'keepalived',
  title: 'nobody else answers on our VIPs',
  judge: (observed) => topology.vips.flatMap((vip) => judgeVip(vip, topology, observed)),
});

function judgeVip(vip: ResolvedVip, { hosts }: Topology, observed: ObservedState): readonly Finding[] {
  const said = vip.candidates.map(({ name }) => ({ name, lines: linesOf(name, observed) }));
  const ours = hosts.flatMap(({ name }) => linesOf(name, observed)).flatMap((line) => wordAfter('own', line));
  const answering = said
    .flatMap(({ lines }) => lines)
    .flatMap((line) => wordAfter(`answers ${vip.address}`, line));
  const strangers = [...new Set(answering)].filter((mac) => !ours.includes(mac));
  const isPart = hosts.some(({ name }) => reachable(observed, name) === undefined);
  const mute = said.filter(({ lines }) => !lines.includes(`asked ${vip.address}`)).map(({ name }) => name);
  return [
    ...strangers.map((mac) => ({
      severity: 'red' as const,
      hosts: [],
      message: `the VIP ${vip.name} (${vip.address}) is answered by ${mac}, which is none of our hosts${isPart ? ' that answer' : ''}`,
      hint: 'choose another address, or take it away from that machine',
    })),
    ...judgeMute(vip, mute, observed),
  ];
}

/** What was not looked at is not well. A host that can not be reached is told elsewhere, unless nobody else looked. */
function judgeMute(vip: ResolvedVip, mute: readonly string[], observed: ObservedState): readonly Finding[] {
  const blamed = mute.filter((name) => reachable(observed, name));
  if (blamed.length === 0 && mute.length < vip.candidates.length) return [];
  return [
    {
      severity: 'red',
      hosts: blamed,
      message: `could not ask who answers for the VIP ${vip.name} (${vip.address})`,
      hint: `see whether ${vip.candidates.map(({ name }) => name).join(', ')} can be reached and have an interface with an address in the ${vip.network} network`,
    },
  ];
}

const linesOf = (host: string, observed: ObservedState): readonly string[] =>
  (probeOutput(observed, host, probeName) ?? '').split('\n');

const wordAfter = (start: string, line: string): readonly string[] =>
  line.startsWith(`${start} `) ? [line.slice(start.length + 1)] : [];
