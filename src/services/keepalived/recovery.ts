import type { Recoverable, Recovery, RecoveryQuestion } from '../../model/recovery.ts';
import { holdersOf } from '../../resources/index.ts';
import type { KeepalivedSettings } from './settings.ts';
import { allow, barredFrom } from './settle.ts';

/**
 * Marks by which a run kept VIPs away from a host. A deploy that was cut off notes that it has to take them off, and the
 * next one does; those of which nobody has such a note are found here.
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
  const barred = topology.vips.flatMap((vip) =>
    barredFrom(vip, observed)
      .filter((host) => !resting.has(host))
      .map((host) => ({ vip, host })),
  );
  if (barred.length === 0) return undefined;
  return {
    evidence: {
      title: 'VIPs',
      columns: ['vip', 'holder', 'kept away from'],
      rows: topology.vips.map((vip) => [
        vip.name,
        holdersOf(vip, observed).join(' and ') || 'none',
        barredFrom(vip, observed).join(' and '),
      ]),
    },
    truth: 'what the inventory says of who may hold which VIP',
    losses: [],
    refusals: [],
    beginsAnew: false,
    stages: [
      {
        title: 'Allow the VIPs again that a run has kept away',
        steps: barred.map(({ vip, host }) => allow(vip, host)),
      },
    ],
  };
}
