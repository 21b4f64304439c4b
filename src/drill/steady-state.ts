import type { Health } from '../model/check.ts';
import { McpError } from '../model/failure.ts';
import type { Fault, Strike } from '../model/fault.ts';
import type { ObservedState } from '../model/observed.ts';
import type { DrillContext, Observation } from './context.ts';

/**
 * A fresh observation in which every check is green; refuses to break anything otherwise. One that is red may only be
 * late: hosts that are busy for a moment are looked at again.
 */
export async function requireSteadyState(context: DrillContext): Promise<Observation> {
  const { signal } = context;
  const withinSeconds = steadyWithinSeconds;
  const { observation, findings } = await observeUntilGreen(context, { withinSeconds, signal });
  if (findings.length === 0) return observation;
  throw new McpError('drill-failed', `not healthy before anything was broken: ${findings.join('; ')}`, {
    hint: 'a drill starts from a steady state: look at `mcp status` first',
  });
}

const steadyWithinSeconds = 20;

/** What a fault does to whom now; roles move, so it is asked right before. */
export function strikeOf(fault: Fault, observed: ObservedState): Strike {
  const strike = fault.strike(observed);
  if (strike !== undefined) return strike;
  throw new McpError('drill-failed', `${fault.name}: no host has the role now that it would hit`, {
    hint: 'look at `mcp status`',
  });
}

export interface Recovery {
  /** How long it took. */
  readonly seconds: number;
  /** Empty when everything is green; otherwise what was still red when the time was over. */
  readonly findings: readonly string[];
  readonly observation: Observation;
}

export interface RecoveryOptions {
  readonly withinSeconds: number;
  readonly faultName: string;
  readonly signal?: AbortSignal;
}

/** Observes until every check is green, or `withinSeconds` are over, and tells of it. */
export async function awaitHealthy(context: DrillContext, options: RecoveryOptions): Promise<Recovery> {
  const fault = options.faultName;
  const { seconds, observation, findings } = await observeUntilGreen(context, options, (reds) =>
    context.emit({ type: 'waiting-for-health', fault, findings: reds }),
  );
  if (findings.length === 0) context.emit({ type: 'healthy-again', fault, seconds });
  return { seconds, observation, findings: findings.map((red) => `not healthy after healing: ${red}`) };
}

async function observeUntilGreen(
  context: DrillContext,
  { withinSeconds, signal }: Pick<RecoveryOptions, 'withinSeconds' | 'signal'>,
  tellWaiting: (findings: readonly string[]) => void = () => undefined,
): Promise<Recovery> {
  const { clock } = context;
  const begun = clock.now();
  for (;;) {
    const askedAt = clock.now();
    const observation = await context.observe(signal);
    const took = clock.now() - askedAt;
    const seconds = (clock.now() - begun) / 1000;
    const findings = reds(observation.health);
    if (findings.length === 0 || seconds > withinSeconds) return { seconds, findings, observation };
    tellWaiting(findings);
    await clock.sleep(Math.max(shortestPauseMilliseconds, 2 * took), signal);
  }
}

// Each observation costs the hosts something, and they are being measured: they get twice the time for themselves.
const shortestPauseMilliseconds = 3000;

const reds = (health: Health): readonly string[] =>
  health.results.flatMap(({ findings }) =>
    findings.filter(({ severity }) => severity === 'red').map(({ message }) => message),
  );
