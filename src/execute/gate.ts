import type { Finding } from '../model/check.ts';
import { McpError } from '../model/failure.ts';
import type { ObservedState } from '../model/observed.ts';
import { observeHosts } from './observe.ts';
import type { RunContext } from './run-context.ts';

/** A gate to wait at. */
export interface Gate {
  /** Number of the batch; 0: the last gate of the run. */
  readonly batch: number;
  readonly when: 'before' | 'after';
  readonly deadlineSeconds: number;
  /** How many observations in a row must be green. */
  readonly times: number;
  closing(observed: ObservedState): readonly Finding[];
}

/**
 * Waits until the cluster is well, observation after observation, and returns the last one. Throws `gate-red` where
 * nothing was touched yet, and `degraded` after a change, with everything that is wrong.
 */
export async function passGate(gate: Gate, context: RunContext): Promise<ObservedState> {
  const { clock, emit, signals } = context;
  const began = clock.now();
  let green = 0;
  let told = '';
  for (;;) {
    const observed = await observeNow(context);
    const findings = gate.closing(observed);
    green = findings.length === 0 ? green + 1 : 0;
    const seconds = (clock.now() - began) / 1000;
    if (green >= gate.times) {
      emit({ type: 'gate-passed', batch: gate.batch, when: gate.when, seconds });
      return observed;
    }
    const words = findings.map(({ message }) => message).join('\n');
    if (findings.length > 0 && words !== told)
      emit({ type: 'gate-waiting', batch: gate.batch, when: gate.when, findings });
    told = words;
    if (seconds > gate.deadlineSeconds) throw closed(gate, findings);
    await clock.sleep(green > 0 ? betweenGreenMilliseconds : betweenRedMilliseconds, signals.hard);
  }
}

/** A fresh look at every host of the topology, without files and packages. */
export const observeNow = ({
  desired,
  topology,
  connect,
  signals,
  clock,
  paths,
}: RunContext): Promise<ObservedState> =>
  observeHosts({
    desired,
    connect,
    hosts: topology.hosts.map(({ name }) => name),
    depth: 'probes',
    signal: signals.hard,
    now: clock.now,
    paths,
  });

const betweenGreenMilliseconds = 500;
const betweenRedMilliseconds = 1000;

function closed({ when, deadlineSeconds }: Gate, findings: readonly Finding[]): McpError {
  const wrong = findings.map(({ hosts, message }) =>
    hosts.length === 0 ? message : `${hosts.join(', ')}: ${message}`,
  );
  const [hint] = findings.flatMap((finding) => finding.hint ?? []);
  return new McpError(
    when === 'before' ? 'gate-red' : 'degraded',
    `the cluster is not well ${when === 'before' ? 'before this step' : 'after it'}, waited ${deadlineSeconds} s:\n${wrong.join('\n')}`,
    { hint: hint ?? 'see `mcp status`, bring it back, and run the same command again' },
  );
}
