import { McpError } from '../model/failure.ts';
import { type Fault, hostsOf, type Strike } from '../model/fault.ts';
import { succeeded } from './attempt.ts';
import type { ReadBack } from './consistency/read-back.ts';
import { writerRuns } from './consistency/rows.ts';
import type { DrillContext } from './context.ts';
import { armHealing, type Healing } from './healing.ts';
import { injectFault } from './inject.ts';
import { awaitCleanWindow, type Load } from './load/load.ts';
import { findResidue } from './residue.ts';
import type { Measured, TrialResult } from './result.ts';
import { awaitHealthy, type Recovery, requireSteadyState, strikeOf } from './steady-state.ts';
import { summarisePunctuality, summariseSeries } from './summary.ts';
import { collectTimeline } from './timeline.ts';
import { judgeTrial } from './verdict.ts';

export interface Trial {
  readonly fault: Fault;
  /** Counts from 1. */
  readonly repeat: number;
}

/** Seconds without a failed attempt before anything is broken, and how long that may take to come. */
const cleanWindow = { seconds: 5, withinSeconds: 60 };
/** Seconds that the probe goes on after everything is green, since a returning member can still disturb. */
const tailSeconds = 5;

/**
 * One fault, once: steady state, healing armed, fault, back to health, every promise looked for. Throws McpError where
 * nothing was broken because the steady state was not met; whatever happens later, the fault is healed first.
 */
export async function runTrial(trial: Trial, context: DrillContext): Promise<TrialResult> {
  const { fault } = trial;
  const before = await requireSteadyState(context);
  const strike = strikeOf(fault, before.observed);
  const hosts = hostsOf(strike);
  const run = `${context.run}-${fault.name}-${trial.repeat}`;
  const load = await context.workload.start(run, hosts);
  try {
    if (!(await awaitCleanWindow(load, cleanWindow, context))) throw notClean(load);
    context.emit({ type: 'steady-state-met', fault: fault.name, seconds: cleanWindow.seconds });
    const healsAt = context.clock.now() + fault.lastsSeconds * 1000;
    const healing = await armHealing(fault, strike, context);
    context.emit({ type: 'healing-armed', fault: fault.name, hosts, seconds: fault.lastsSeconds });
    try {
      return await breakAndMeasure({ ...trial, strike, healsAt, run, load, healing }, context);
    } catch (error) {
      context.emit({ type: 'healing-now', fault: fault.name, hosts });
      await healing.heal();
      await load.stop();
      const { findings } = await awaitHealthy(context, {
        withinSeconds: healthyWithin(fault),
        faultName: fault.name,
      });
      const reason = context.signal.aborted ? 'interrupted' : reasonOf(error);
      return aborted({ ...trial, hosts }, [reason, ...findings]);
    }
  } finally {
    await load.stop();
  }
}

interface Broken extends Trial {
  readonly strike: Strike;
  readonly healsAt: number;
  readonly run: string;
  readonly load: Load;
  readonly healing: Healing;
}

const healthyWithin = ({ healthyWithinSeconds = 180 }: Fault): number => healthyWithinSeconds;

async function breakAndMeasure(broken: Broken, context: DrillContext): Promise<TrialResult> {
  const { fault, strike, healsAt, load, healing, run } = broken;
  const { clock, signal, connect } = context;
  // The phase of every timer in the cluster is random to us; ours must be to them.
  await clock.sleep(Math.random() * 1000, signal);
  const brokenAt = { monotonic: clock.now(), wall: clock.wallClock() };
  context.emit({ type: 'fault-injected', fault: fault.name, hosts: hostsOf(strike) });
  await injectFault({ fault, strike, healsAt }, context);
  await clock.sleep(fault.lastsSeconds * 1000 - (clock.now() - brokenAt.monotonic), signal);
  const { findings, observation } = await awaitReturn(broken, context);
  const healthyAfterSeconds = (clock.now() - brokenAt.monotonic) / 1000;
  await clock.sleep(tailSeconds * 1000, signal);
  await load.stop();
  await healing.heal(signal);
  context.emit({ type: 'reading-back', fault: fault.name });
  const promises = await context.workload.readBack(run, load.promised);
  const residue = [...findings, ...(await findResidue(context.topology, observation.observed, connect))];
  const hosts = context.topology.hosts.map(({ name }) => name);
  const timeline = await collectTimeline({ from: brokenAt.wall, hosts }, connect);
  return conclude(broken, { brokenAt, promises, residue, timeline, healthyAfterSeconds });
}

/** What was armed should have healed it by now. Where that did not do, it is healed by hand, and said. */
async function awaitReturn({ fault, healing }: Broken, context: DrillContext): Promise<Recovery> {
  const { signal } = context;
  const withinSeconds = healthyWithin(fault);
  const options = { withinSeconds, faultName: fault.name, signal };
  const alone = await awaitHealthy(context, options);
  if (alone.findings.length === 0) return alone;
  await healing.heal(signal);
  const helped = await awaitHealthy(context, options);
  const reason = `not healthy ${withinSeconds} s after what was armed should have healed it`;
  return { ...helped, findings: [reason, ...alone.findings, ...helped.findings] };
}

interface Seen extends Pick<Measured, 'timeline' | 'healthyAfterSeconds'> {
  readonly brokenAt: { readonly monotonic: number; readonly wall: number };
  readonly promises: ReadBack;
  readonly residue: readonly string[];
}

function conclude({ fault, repeat, strike, load }: Broken, seen: Seen): TrialResult {
  const attempts = load.attempts.filter(({ endedAt }) => endedAt >= seen.brokenAt.monotonic);
  const { rows, messages } = seen.promises;
  const measured: Measured = {
    brokenAt: seen.brokenAt.wall,
    series: load.series.map((series) => summariseSeries(series, attempts, fault)),
    punctuality: summarisePunctuality(attempts, load.dropped),
    rows: rows.verdict,
    messages: messages.verdict,
    writers: writerRuns([...load.promised.rowsAcknowledged.values()]),
    healthyAfterSeconds: seen.healthyAfterSeconds,
    timeline: seen.timeline,
  };
  const answeredAfterFault = Object.fromEntries(
    load.series.map(({ name }) => [
      name,
      attempts.filter(
        (attempt) =>
          attempt.series === name && succeeded(attempt) && attempt.startedAt >= seen.brokenAt.monotonic,
      ).length,
    ]),
  );
  const sawPlantedLoss = { rows: rows.sawPlantedLoss, messages: messages.sawPlantedLoss };
  const judgement = judgeTrial({ ...measured, answeredAfterFault, sawPlantedLoss, residue: seen.residue });
  return { fault: fault.name, title: fault.title, repeat, targets: hostsOf(strike), ...judgement, measured };
}

const aborted = (
  { fault, repeat, hosts }: Trial & { readonly hosts: readonly string[] },
  reasons: readonly string[],
): TrialResult => ({
  fault: fault.name,
  title: fault.title,
  repeat,
  targets: hosts,
  verdict: 'ABORTED',
  reasons,
  measured: undefined,
});

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function notClean({ attempts }: Load): McpError {
  const failures = attempts
    .slice(-1000)
    .flatMap(({ series, failure }) => (failure === undefined ? [] : [`${series} ${failure}`]));
  return new McpError(
    'drill-failed',
    `attempts fail though nothing was broken yet: ${[...new Set(failures)].join(', ')}`,
    {
      hint: 'a drill starts from a steady state: look at `mcp status` and at what else keeps the hosts busy',
    },
  );
}
