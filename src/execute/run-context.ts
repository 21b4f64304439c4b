import type { Commit } from '../model/commit.ts';
import type { DesiredState } from '../model/desired.ts';
import type { Emit } from '../model/event.ts';
import { McpError } from '../model/failure.ts';
import type { Asked } from '../model/lock.ts';
import type { ObservedState } from '../model/observed.ts';
import { absentFrom, type Plan } from '../model/plan.ts';
import type { Service } from '../model/service.ts';
import type { Topology } from '../model/topology.ts';
import type { Connect } from '../model/transport.ts';
import type { HostPaths } from './host-paths.ts';

/** Time, as an argument. */
export interface Clock {
  /** Milliseconds of a clock that never jumps: what deadlines and durations go by. */
  now(): number;
  /** Milliseconds since the epoch, for what is told or recorded: it may be set at any time, forwards and back. */
  wallClock(): number;
  /** Rejects with McpError `interrupted` when the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** `soft` finishes the running step and stops; `hard` stops now. */
export interface StopSignals {
  readonly soft: AbortSignal;
  readonly hard: AbortSignal;
}

/** What the parts of a rollout share. */
export interface RunContext {
  readonly run: string;
  readonly asked: Asked;
  readonly plan: Plan;
  /** What the plan was made from. */
  readonly observed: ObservedState;
  readonly desired: DesiredState;
  /** Everybody who takes part: who leaves too. */
  readonly topology: Topology;
  /** As the inventory has it; the same where nobody leaves. */
  readonly wanted: Topology;
  readonly services: readonly Service[];
  readonly connect: Connect;
  /** A second way in, over a connection of its own: the proof that a guarded step did not cut us off. */
  readonly connectAfresh: Connect;
  readonly emit: Emit;
  readonly signals: StopSignals;
  readonly clock: Clock;
  readonly paths: HostPaths;
  /** Set where it takes earlier runs back. */
  readonly undoing?: Undoing | undefined;
}

/** What a run has to know beside its plan that takes earlier ones back. */
export interface Undoing {
  /** Number of the earliest of them: whoever takes this up after an interruption needs all from there on. */
  readonly keepsFrom: number;
  /** Of the inventory that was deployed before them, where that is known. */
  readonly commit: Commit | undefined;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wallClock: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(interrupted());
      };
      if (signal?.aborted === true) return reject(interrupted());
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, milliseconds);
      signal?.addEventListener('abort', stop, { once: true });
    }),
};

const interrupted = (): McpError =>
  new McpError('interrupted', 'interrupted: what was running was finished, the rest is untouched', {
    hint: 'run the same command again: it takes up where this one stopped',
  });

/** Between steps is where a run may stop. */
export function stopIfAsked({ soft, hard }: StopSignals): void {
  if (soft.aborted || hard.aborted) throw interrupted();
}

/** Names of the hosts that take part. */
export function participants({ topology, plan }: Pick<RunContext, 'topology' | 'plan'>): readonly string[] {
  const absent = absentFrom(plan);
  return topology.hosts.map(({ name }) => name).filter((name) => !absent.has(name));
}

/** Folder of a run on every host. */
export const runFolder = ({ paths, run }: Pick<RunContext, 'paths' | 'run'>): string =>
  `${paths.state}/runs/${run}`;
