import type { StatusSection } from '../../model/check.ts';
import type { ObservedState } from '../../model/observed.ts';
import type { ResolvedVip, Topology } from '../../model/topology.ts';
import { holdersOf } from '../../resources/index.ts';
import { vipReply } from './probe.ts';

/** Every VIP with its holder, and until when its certificate is valid. */
export const vipStatus = (topology: Topology, observed: ObservedState): readonly StatusSection[] => [
  {
    title: 'VIPs',
    columns: ['vip', 'address', 'holder', 'could take it', 'certificate until'],
    rows: topology.vips.map((vip) => [
      vip.name,
      vip.address,
      holdersOf(vip, observed).join(' and ') || 'none',
      heirsOf(vip, observed).join(', ') || 'none',
      certificateUntil(vip, topology),
    ]),
  },
];

const heirsOf = (vip: ResolvedVip, observed: ObservedState): readonly string[] =>
  vip.candidates
    .map(({ name }) => name)
    .filter((name) => vipReply(observed, name).get(`state.${vip.name}`) === 'BACKUP');

function certificateUntil({ tls, name }: ResolvedVip, { certificates }: Topology): string {
  const certificate = certificates.vips[name];
  if (!tls) return 'no TLS';
  return certificate ? new Date(certificate.notAfter).toISOString().slice(0, 10) : 'missing';
}
