import type { StatusSection } from './check.ts';
import type { ObservedState } from './observed.ts';
import type { Refusal } from './plan.ts';
import type { Probe } from './probe.ts';
import type { ScriptStep } from './step.ts';
import type { Instance, Topology } from './topology.ts';

/**
 * For a service whose members agree on what is true: what is done when too few of them are left to agree. Nothing else
 * decides that: neither a start, nor a deploy.
 */
export interface Recoverable<Settings = unknown> {
  /** Why nobody is served, and what it takes; undefined while somebody is, or before it was ever set up. */
  outage(instances: readonly Instance<Settings>[], observed: ObservedState): Outage | undefined;
  /** Hosts whose member does not come back by itself though others serve: they are asked what keeps them from it. */
  ailing(instances: readonly Instance<Settings>[], observed: ObservedState): readonly string[];
  /**
   * What a member knows, asked only when it is to be decided, and of those that ail: it may take a minute. Absent where
   * every look tells.
   */
  evidence?(instance: Instance<Settings>): Probe;
  /** What would be done; undefined where nothing is left to do. `observed` has the answers to `evidence`. */
  plan(question: RecoveryQuestion<Settings>): Recovery | undefined;
}

/** Why a service serves nobody. */
export interface Outage {
  /** `heals`: by itself, when those that are waited for are there; `stuck`: not before somebody decides. */
  readonly kind: 'heals' | 'stuck';
  /** "Galera: ctl01 and ctl02 wait for ctl03, since 4 min". */
  readonly message: string;
  /** Hosts that are waited for. */
  readonly waitsFor: readonly string[];
  /** What to do, where it is not to wait. */
  readonly hint: string;
}

export interface RecoveryQuestion<Settings = unknown> {
  readonly instances: readonly Instance<Settings>[];
  readonly topology: Topology;
  readonly observed: ObservedState;
  /** Hosts in maintenance: their members are asked, and not started. */
  readonly resting: ReadonlySet<string>;
  /** Hosts whose knowledge the operator gives up. */
  readonly without: readonly string[];
  /** The host whose knowledge the operator takes as the truth. */
  readonly from: string | undefined;
}

/** How a service is brought back. */
export interface Recovery {
  /** What each member knows: the decision rests on that. */
  readonly evidence: StatusSection;
  /** What is taken as the truth: "the data of ctl01, up to transaction 4711". Undefined while it is refused. */
  readonly truth: string | undefined;
  /** What nobody has any more afterwards, a line each. */
  readonly losses: readonly string[];
  /** Why it is not decided, and who can. */
  readonly refusals: readonly Refusal[];
  /** Members are stopped and one begins alone: nothing of that may be done to a service that serves. */
  readonly beginsAnew: boolean;
  /** In their order. Each is safe to repeat, and to be cut off. */
  readonly stages: readonly RecoveryStage[];
}

export interface RecoveryStage {
  readonly title: string;
  readonly steps: readonly ScriptStep[];
}

/** ", since 4 min"; nothing of what has only just begun. */
export const sinceWords = (seconds: number): string =>
  seconds < 60 ? '' : `, since ${Math.floor(seconds / 60)} min`;

/** What to do where members that do not answer are waited for; `otherwise` where all answer. */
export const wayOut = (silent: readonly string[], otherwise: string): string =>
  silent.length === 0
    ? otherwise
    : `Bring ${silent.join(' and ')} back; \`mcp recover${silent.map((host) => ` --without ${host}`).join('')}\` goes on without.`;
