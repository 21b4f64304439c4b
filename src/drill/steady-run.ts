import type { MessageVerdict } from './consistency/messages.ts';
import type { RowVerdict } from './consistency/rows.ts';
import type { DrillContext } from './context.ts';
import { startBurners } from './load/burners.ts';
import { atUsualPriority } from './priority.ts';
import { collectFacts, differences, disturbances } from './stability.ts';
import { awaitHealthy, requireSteadyState } from './steady-state.ts';
import { type Punctuality, type SeriesResult, summarisePunctuality, summariseSeries } from './summary.ts';
import { collectTimeline } from './timeline.ts';
import type { Verdict } from './verdict.ts';

export interface SteadyOptions {
  readonly seconds: number;
  /** Keeps every core of this machine busy meanwhile. */
  readonly saturate: boolean;
}

export interface SteadyResult {
  readonly verdict: Verdict;
  /** What moved, changed or was lost though nothing was broken; empty for a PASS. */
  readonly reasons: readonly string[];
  readonly series: readonly SeriesResult[];
  readonly rows: RowVerdict;
  readonly messages: MessageVerdict;
  readonly punctuality: Punctuality;
}

/**
 * Runs the probe with nothing broken. Timers that are quick enough for a short outage must not take a busy host for a
 * dead one: no VIP moves, no database view changes, no broker is lost, nothing restarts.
 */
export async function runSteady(options: SteadyOptions, context: DrillContext): Promise<SteadyResult> {
  const { topology, connect, clock, workload } = context;
  const { observed } = await requireSteadyState(context);
  const before = await collectFacts(topology, observed, connect);
  const run = `${context.run}-steady`;
  const load = await workload.start(run, []);
  const from = clock.wallClock();
  try {
    await holdFor(options, context);
  } finally {
    await load.stop();
  }
  const { observation, findings } = await awaitHealthy(context, { withinSeconds: 180, faultName: 'none' });
  const promises = await workload.readBack(run, load.promised);
  const after = await collectFacts(topology, observation.observed, connect);
  const timeline = await collectTimeline({ from, hosts: topology.hosts.map(({ name }) => name) }, connect);
  const { rows, messages } = promises;
  const reasons = [
    ...differences(before, after),
    ...disturbances(timeline),
    ...findings,
    ...(rows.verdict.lost.length > 0 ? [`LOST ${rows.verdict.lost.length} acknowledged rows`] : []),
    ...(messages.verdict.lost.length > 0 ? [`LOST ${messages.verdict.lost.length} confirmed messages`] : []),
  ];
  const trusted = rows.sawPlantedLoss && messages.sawPlantedLoss;
  return {
    verdict: trusted ? (reasons.length > 0 ? 'FAIL' : 'PASS') : 'INVALID',
    reasons,
    series: load.series.map((series) => summariseSeries(series, load.attempts, unjudged)),
    rows: rows.verdict,
    messages: messages.verdict,
    punctuality: summarisePunctuality(load.attempts, load.dropped),
  };
}

/** What clients notice of busy cores is shown; the verdict is about what the cluster did. */
const unjudged = { budgets: {}, secondBudgetMilliseconds: 0 };

async function holdFor({ seconds, saturate }: SteadyOptions, context: DrillContext): Promise<void> {
  const burners = saturate ? await atUsualPriority(async () => startBurners(seconds)) : undefined;
  context.emit({ type: 'steady-run-started', seconds, busyLoops: burners?.count ?? 0 });
  try {
    await context.clock.sleep(seconds * 1000, context.signal);
  } finally {
    await burners?.stop();
  }
}
