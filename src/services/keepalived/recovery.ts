import type { Recoverable, Recovery, RecoveryQuestion } from '../../model/recovery.ts';
import { holdersOf } from '../../resources/index.ts';
import type { KeepalivedSettings } from './settings.ts';
import { barredFrom, spreadVips } from './settle.ts';

/**
 * What faults and runs that were cut off have left of the VIPs: hosts that are barred from them (a deploy notes that it has
 * to take such a mark off, and the next one does; those of which nobody has such a note are found here), and VIPs that are
 * not where the inventory wants them first.
 */
export const vipRecovery: Recoverable<KeepalivedSettings> = {
  outage: () => undefined,
  ailing: () => [],
  plan: planRecovery,
};

function planRecovery({
  topology,
  observed,
  resting,
}: RecoveryQuestion<KeepalivedSettings>): Recovery | undefined {
  const awake = topology.vips.map((vip) => ({
    ...vip,
    candidates: vip.candidates.filter(({ name }) => !resting.has(name)),
  }));
  const steps = spreadVips({ ...topology, vips: awake }, observed);
  if (steps.length === 0) return undefined;
  return {
    evidence: {
      title: 'VIPs',
      columns: ['vip', 'holder', 'first choice', 'kept away from'],
      rows: topology.vips.map((vip) => [
        vip.name,
        holdersOf(vip, observed).join(' and ') || 'none',
        vip.candidates[0]?.name ?? '',
        barredFrom(vip, observed).join(' and '),
      ]),
    },
    truth: 'what the inventory says of who holds which VIP',
    losses: [],
    refusals: [],
    beginsAnew: false,
    // One after the other, since a VIP goes from one host to another.
    stages: steps.map((step) => ({ title: `${step.host}: ${step.title}`, steps: [step] })),
  };
}
