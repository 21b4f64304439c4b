import type { DesiredState } from '../model/desired.ts';
import { McpError } from '../model/failure.ts';
import type { HostObservation, ObservedState } from '../model/observed.ts';
import type { Connect } from '../model/transport.ts';
import { type HostPaths, hostPaths } from './host-paths.ts';
import {
  type Depth,
  type Looking,
  observationProgram,
  type Question,
  questionFor,
} from './observation-program.ts';
import { parseObservation } from './observation-reply.ts';
import { type InTurn, takingTurns } from './turns.ts';

export interface Observation {
  readonly desired: DesiredState;
  readonly connect: Connect;
  /** Names of the hosts to look at. */
  readonly hosts: readonly string[];
  readonly depth: Depth;
  /** `low` where what the hosts do is being measured. */
  readonly effort?: Looking['effort'];
  /** How many of them may be looking at themselves at a time; all, unless said otherwise. */
  readonly atOnce?: number;
  /** So long a look computes at most; a host that has not answered by then keeps no other from beginning. */
  readonly turnMilliseconds?: number;
  readonly signal?: AbortSignal;
  /** Our clock, milliseconds since the epoch. */
  readonly now: () => number;
  readonly paths?: HostPaths;
}

/**
 * What each host has now: one exec a host, with little effort one after another. A host that can't be reached or whose
 * answer is not whole is `unreachable` with the reason; nothing else is concluded about it.
 */
export async function observeHosts(observation: Observation): Promise<ObservedState> {
  const { hosts, effort = 'usual', atOnce = Number.POSITIVE_INFINITY } = observation;
  const { turnMilliseconds = usualTurnMilliseconds[effort] } = observation;
  const inTurn = takingTurns({ atOnce: effort === 'low' ? 1 : atOnce, milliseconds: turnMilliseconds });
  const observed = await Promise.all(hosts.map((host) => observeHost(host, observation, inTurn)));
  return { hosts: new Map(observed.map((each) => [each.host, each])) };
}

/**
 * A look takes a control host of the lab 0.2 to 0.4 s while its services have work to do; with little effort three times
 * that, because it gets a third. Where a VIP does not answer each host waits 2 s for it.
 */
const usualTurnMilliseconds: Readonly<Record<Looking['effort'], number>> = { usual: 500, low: 1500 };

/** Only what a host computes waits for its turn: one that does not let us in keeps nobody waiting. */
async function observeHost(
  host: string,
  { desired, connect, depth, effort = 'usual', signal, now, paths = hostPaths }: Observation,
  inTurn: InTurn,
): Promise<HostObservation> {
  const question = questionFor(desired.hosts.get(host), depth);
  try {
    const connection = await connect(host, signal);
    const program = observationProgram(question, { paths, effort });
    return await inTurn(async () => {
      const sentAt = now();
      const { exitCode, stdout, stderr } = await connection.run(program, {
        ...(signal === undefined ? {} : { signal }),
        timeoutSeconds: deadlineSeconds(question),
        title: 'look at itself',
      });
      if (exitCode === 0) return parseObservation(stdout, { host, question, sentAt, receivedAt: now() });
      throw new McpError('command-failed', `${host}: the observation exited ${exitCode}: ${stderr.trim()}`, {
        host,
      });
    });
  } catch (failure) {
    if (!(failure instanceof McpError) || failure.code === 'interrupted') throw failure;
    return { kind: 'unreachable', host, failure };
  }
}

/** Probes have deadlines of their own; the rest takes a fraction of a second, more on a host that is drowning. */
const deadlineSeconds = ({ probes }: Question): number =>
  Math.max(0, ...probes.map((probe) => probe.deadlineSeconds)) + 20;
