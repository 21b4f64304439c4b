import type { Endpoint } from '../model/fault.ts';

/** One try of a probe, as a client would have seen it. All times are milliseconds of one monotonic clock. */
export interface Attempt {
  /** Which probe: `vip control`, `page`, `sql`, `amqp`. */
  readonly series: string;
  /** Counts from 0 within its series. */
  readonly number: number;
  /** When the open-loop schedule wanted it; `startedAt` is later where this process was late itself. */
  readonly scheduledAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Undefined: it succeeded within its deadline. Otherwise a class: `timeout`, `refused`, `reset`, `sql-1213`, … */
  readonly failure: string | undefined;
  /**
   * This process itself stood still while the attempt waited for its answer: that none came in time says nothing about
   * the cluster.
   */
  readonly inconclusive?: true;
}

/** What a probe looks at: several series can share an endpoint (one for each VIP). */
export interface Series {
  readonly name: string;
  readonly endpoint: Endpoint;
  /** Name of the VIP that it is about. */
  readonly vip?: string;
}

export const succeeded = (attempt: Attempt): boolean => attempt.failure === undefined;

export const latencyOf = (attempt: Attempt): number => attempt.endedAt - attempt.startedAt;

/** How late this process started an attempt, milliseconds: its own scheduling lag, not the cluster's. */
export const lagOf = (attempt: Attempt): number => attempt.startedAt - attempt.scheduledAt;

/** Later than this, and this process says little about when the cluster answered. */
export const tolerableLagMilliseconds = 100;
