import type { DesiredState } from '../model/desired.ts';
import type { Emit } from '../model/event.ts';
import { McpError } from '../model/failure.ts';
import type { Asked } from '../model/lock.ts';
import { type ObservedState, reachable } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { Service } from '../model/service.ts';
import type { Topology } from '../model/topology.ts';
import type { Connect } from '../model/transport.ts';
import { carryOut } from './carry-out.ts';
import { type HostPaths, hostPaths } from './host-paths.ts';
import { journalled } from './journal.ts';
import { lockHosts, refuseWhileBusy } from './lock.ts';
import { type Mask, maskedFailure, maskFor } from './mask.ts';
import type { Acting } from './own-lock.ts';
import {
  type Clock,
  participants,
  type RunContext,
  type StopSignals,
  systemClock,
  type Undoing,
} from './run-context.ts';

export interface RolloutRequest {
  /** Names the run on hosts and in its folder here. */
  readonly run: string;
  /** By whom, and with which verb: what others are told who find a host locked. */
  readonly asked: Asked;
  /** Folder of the run on this machine; its events go there. */
  readonly runDirectory: string;
  readonly plan: Plan;
  /** What the plan was made from. */
  readonly observed: ObservedState;
  readonly desired: DesiredState;
  /** Everybody who takes part: who leaves too. */
  readonly topology: Topology;
  /** As the inventory has it; the same where nobody leaves. */
  readonly wanted?: Topology;
  readonly services: readonly Service[];
  readonly connect: Connect;
  /** Opens another connection than `connect` keeps, for guarded steps; without it they count on `connect`'s own. */
  readonly connectAfresh?: Connect;
  readonly emit: Emit;
  readonly signals: StopSignals;
  readonly clock?: Clock;
  readonly paths?: HostPaths;
  /** Set where it takes earlier runs back. */
  readonly undoing?: Undoing;
}

/**
 * Carries a plan out: locks every host that answers, since a quorum is spread over them, stages and validates everything before the first write, then one batch after
 * the other with gates around it. Halts at the first red gate or failed step and leaves the rest untouched; then it
 * throws the McpError that it has told as `rollout-halted`.
 */
export const rollOut = (request: RolloutRequest): Promise<void> =>
  asRun(
    request,
    (context) => participants(context).filter((host) => reachable(context.observed, host)),
    carryOut,
  );

/** What is done in a run; notes each host that is begun on. */
type Body = (acting: Acting, touched: Set<string>) => Promise<void>;

/**
 * Does it as a run of its own, under the locks of these hosts: told from its beginning to its end, with what hosts say
 * masked. A run that does not get its locks has not begun, and nothing is told of it but the failure.
 */
export async function asRun(
  request: RolloutRequest,
  lockedIn: (context: RunContext) => readonly string[],
  body: Body,
): Promise<void> {
  const context = contextOf(request);
  const { emit, clock, plan } = context;
  const began = clock.now();
  const touched = new Set<string>();
  const mask = maskFor(context.topology);
  const hosts = lockedIn(context);
  // What was seen may have changed by the time that the host can be locked.
  refuseWhileBusy(context.observed);
  await using locks = await lockHosts(hosts, context);
  emit({ type: 'rollout-started', run: context.run, plan });
  emit({ type: 'lock-acquired', hosts });
  try {
    await body({ context, locks }, touched);
  } catch (failure) {
    if (!(failure instanceof McpError)) throw failure;
    const reason = maskedFailure(failure, mask);
    const planned = new Set(plan.batches.flatMap(({ hosts }) => hosts.map(({ host }) => host)));
    emit({ type: 'rollout-halted', reason, untouched: [...planned].filter((host) => !touched.has(host)) });
    throw reason;
  }
  emit({ type: 'rollout-finished', seconds: (clock.now() - began) / 1000 });
}

function contextOf(request: RolloutRequest): RunContext {
  const clock = request.clock ?? systemClock;
  const mask = maskFor(request.topology);
  const tell = masked(journalled(request.emit, request.runDirectory, clock), mask);
  return {
    ...request,
    wanted: request.wanted ?? request.topology,
    connectAfresh: request.connectAfresh ?? request.connect,
    paths: request.paths ?? hostPaths,
    clock,
    emit: tell,
  };
}

/** Events carry what hosts have said only in failures. */
const masked =
  (emit: Emit, mask: Mask): Emit =>
  (event) =>
    emit(event.type === 'step-failed' ? { ...event, failure: maskedFailure(event.failure, mask) } : event);
