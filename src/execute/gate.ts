import { everythingIn, type SortedFindings } from '../model/cause.ts';
import { McpError } from '../model/failure.ts';
import { causesAsLines, everythingAsLines } from '../model/finding-lines.ts';
import type { ObservedState } from '../model/observed.ts';
import { hostsAtOnce } from './hosts-at-once.ts';
import { observeHosts } from './observe.ts';
import { participants, type RunContext, stopIfAsked } from './run-context.ts';

/** A gate to wait at. */
export interface Gate {
  /** Number of the batch; 0: the last gate of the run. */
  readonly batch: number;
  readonly when: 'before' | 'after';
  readonly deadlineSeconds: number;
  /** How many observations in a row must be green. */
  readonly times: number;
  /** Seconds for which it must have been green; 0 where that is not said. */
  readonly greenSeconds?: number;
  closing(observed: ObservedState): SortedFindings;
}

/** An observation, and when it was made. */
export interface Seen {
  readonly observed: ObservedState;
  /** When it began, milliseconds of the run's clock. */
  readonly at: number;
  /** How long the hosts were kept busy with it. */
  readonly tookMilliseconds: number;
}

/**
 * Waits until the cluster is well, observation after observation, and returns the last one. What was `latest` seen, a
 * moment ago and with nothing done since, counts as the first. Throws `gate-red` where nothing was touched yet, and
 * `degraded` after a change, with everything that is wrong.
 */
export async function passGate(gate: Gate, context: RunContext, latest?: Seen): Promise<Seen> {
  const { clock, emit, signals } = context;
  const began = clock.now();
  let seen = await firstLook(context, latest);
  const tellWaiting = onlyNews(({ batch, when }, closing) =>
    emit({ type: 'gate-waiting', batch, when, closing }),
  );
  const streak = greenStreak();
  for (;;) {
    const closing = gate.closing(seen.observed);
    const { green, since } = streak(everythingIn(closing).length === 0, seen.at);
    const seconds = (clock.now() - began) / 1000;
    if (isLongEnough(gate, { green, milliseconds: clock.now() - since })) {
      emit({ type: 'gate-passed', batch: gate.batch, when: gate.when, seconds });
      return seen;
    }
    if (green === 0) {
      tellWaiting(gate, closing);
      // Green and not yet for long enough is no reason to halt, however slow the hosts are to tell.
      if (seconds > gate.deadlineSeconds) throw closed(gate, closing);
    }
    // Where nothing was touched yet there is no step to finish.
    if (gate.when === 'before') stopIfAsked(signals);
    await clock.sleep(pauseAfter(green, seen), signals.hard);
    seen = await lookNow(context);
  }
}

/** Counts green looks in a row, and tells when the first of them was made. */
function greenStreak(): (isGreen: boolean, at: number) => { readonly green: number; readonly since: number } {
  let green = 0;
  let since = 0;
  return (isGreen, at) => {
    green = isGreen ? green + 1 : 0;
    if (green === 1) since = at;
    return { green, since };
  };
}

const isLongEnough = (
  { times, greenSeconds = 0 }: Gate,
  { green, milliseconds }: { readonly green: number; readonly milliseconds: number },
): boolean => green >= times && milliseconds >= greenSeconds * 1000;

/** Hosts that are slow to tell how they are get as long for their own work as the look has taken of them. */
const pauseAfter = (green: number, { tookMilliseconds }: Seen): number =>
  green > 0 ? 500 : Math.min(longestPauseMilliseconds, Math.max(1000, tookMilliseconds));

/** What comes back is not noticed much later than that. */
const longestPauseMilliseconds = 10_000;

/** Says what keeps the gate closed once, and again when that is something else. */
function onlyNews(tell: (gate: Gate, closing: SortedFindings) => void): typeof tell {
  let told = '';
  return (gate, closing) => {
    const words = everythingIn(closing)
      .map(({ finding }) => finding.message)
      .join('\n');
    if (words !== told) tell(gate, closing);
    told = words;
  };
}

async function firstLook(context: RunContext, latest: Seen | undefined): Promise<Seen> {
  return latest !== undefined && isFresh(latest, context.clock.now()) ? latest : lookNow(context);
}

/** A fresh look, with its times. */
export async function lookNow(context: RunContext): Promise<Seen> {
  const at = context.clock.now();
  const observed = await observeNow(context);
  return { observed, at, tookMilliseconds: context.clock.now() - at };
}

/** A fresh look at every host that takes part, without files and packages. */
export const observeNow = (context: RunContext): Promise<ObservedState> =>
  observeHosts({
    desired: context.desired,
    connect: context.connect,
    hosts: participants(context),
    depth: 'probes',
    atOnce: hostsAtOnce(context.topology),
    signal: context.signals.hard,
    now: context.clock.wallClock,
    paths: context.paths,
  });

/**
 * As long as an observation of busy hosts may take: what it saw can't be newer anyway. Where it does take longer, the next
 * one would be no newer either by the time it is there, and keep hosts busy that are slow enough.
 */
const isFresh = ({ at, tookMilliseconds }: Seen, now: number): boolean =>
  now - at < Math.max(5000, 2 * tookMilliseconds);

function closed({ when, deadlineSeconds }: Gate, closing: SortedFindings): McpError {
  const [hint] = [...closing.causes, ...closing.others].flatMap(({ finding }) => finding.hint ?? []);
  return new McpError(
    when === 'before' ? 'gate-red' : 'degraded',
    `the cluster is not well ${when === 'before' ? 'before this step' : 'after it'}, waited ${deadlineSeconds} s:\n${causesAsLines(closing).join('\n')}`,
    {
      hint: hint ?? 'see `mcp status`, bring it back, and run the same command again',
      findings: everythingAsLines(closing),
    },
  );
}
