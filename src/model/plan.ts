import type { Step } from './step.ts';

/** Desired against observed, ordered: data that can be printed, compared and tested. Holds no content and no secret. */
export interface Plan {
  readonly cloud: string;
  readonly changes: readonly FileChange[];
  readonly batches: readonly Batch[];
  /** Reasons to refuse (drift, another cloud's host, a missing quorum), each with what to do. */
  readonly refusals: readonly Refusal[];
}

export interface FileChange {
  readonly host: string;
  readonly service: string;
  readonly path: string;
  readonly action: 'create' | 'update' | 'attributes';
  /** `edited`: neither as last applied nor as desired, so someone else edited it. */
  readonly edited: boolean;
  /** sha256 of what the host has (undefined: no such file) and of what it should have. A diff takes the texts from elsewhere. */
  readonly before: string | undefined;
  readonly after: string;
  readonly template: string;
  readonly overrides: readonly string[];
}

/** Hosts that change together: gate, leave, act, join, gate. */
export interface Batch {
  readonly id: number;
  readonly service: string;
  readonly title: string;
  readonly hosts: readonly HostPlan[];
  /** Whether clients could notice: then instances leave first and gates stand around it. */
  readonly disruptive: boolean;
  /** What is left while it runs: "galera 2 of 3, writer ctl02". */
  readonly capacity: string;
}

export interface HostPlan {
  readonly host: string;
  readonly steps: readonly Step[];
}

export type Refusal = {
  readonly kind: 'drift' | 'foreign-host' | 'newer-format' | 'unreachable' | 'degraded';
  readonly host: string;
  readonly message: string;
  readonly hint: string;
};

export const isEmpty = (plan: Plan): boolean => plan.batches.length === 0;
