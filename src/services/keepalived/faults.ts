import { type Fault, strikeOn } from '../../model/fault.ts';
import type { ObservedState } from '../../model/observed.ts';
import type { ResolvedVip, Topology } from '../../model/topology.ts';
import { holdersOf } from '../../resources/index.ts';

/** Power cuts of the hosts that hold a VIP. */
export const vipFaults = (topology: Topology): readonly Fault[] =>
  topology.vips.flatMap((vip) => {
    if (vip.role === 'database') return [powerCut(vip, 'database-vip-power-cut')];
    if (vip.role === 'proxy') return [powerCut(vip, 'public-vip-power-cut')];
    return [];
  });

const powerCut = (vip: ResolvedVip, name: string): Fault => ({
  name,
  title: `power cut of the host that holds the ${vip.name} VIP`,
  kind: 'power-cut',
  strike: (observed) => strikeOn(holderOf(vip, observed), { kind: 'power-cut' }),
  lastsSeconds: 20,
  budgets: budgetsFor(vip),
  secondBudgetMilliseconds: 1500,
});

/** Undefined where none or several have it. */
const holderOf = (vip: ResolvedVip, observed: ObservedState): string | undefined => {
  const [holder, ...more] = holdersOf(vip, observed);
  return more.length === 0 ? holder : undefined;
};

/**
 * What clients may notice follows from what else is on the host: the address moves within a second; a client that
 * meets the hole sends its SYN again a second later; Galera stops commits until a dead member is voted out; and only
 * heartbeats tell an AMQP client that a broker lost power.
 */
function budgetsFor({ candidates }: ResolvedVip): Fault['budgets'] {
  const carries = (role: ResolvedVip['role']) => candidates.some(({ roles }) => roles.includes(role));
  return {
    vip: 1000,
    page: 2000,
    ...(carries('database') ? { sql: 4000 } : {}),
    ...(carries('messaging') ? { amqp: 20_000 } : {}),
  };
}
