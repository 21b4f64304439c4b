import type { MessageVerdict } from './consistency/messages.ts';
import type { RowVerdict, WriterRun } from './consistency/rows.ts';
import type { Punctuality, SeriesResult } from './summary.ts';
import type { TimelineEntry } from './timeline.ts';
import type { Verdict } from './verdict.ts';

/** One fault, once. */
export interface TrialResult {
  readonly fault: string;
  readonly title: string;
  /** Counts from 1. */
  readonly repeat: number;
  /** The hosts that were hit; empty where it did not come to that. */
  readonly targets: readonly string[];
  readonly verdict: Verdict;
  /** Why, one sentence each; empty for a PASS. */
  readonly reasons: readonly string[];
  readonly measured: Measured | undefined;
}

/** What was seen, where the fault was injected and everything came back. */
export interface Measured {
  /** When the fault was injected, milliseconds since the epoch. */
  readonly brokenAt: number;
  readonly series: readonly SeriesResult[];
  readonly rows: RowVerdict;
  readonly messages: MessageVerdict;
  readonly writers: readonly WriterRun[];
  readonly punctuality: Punctuality;
  /** From the fault until every check was green again: how long redundancy was missing. */
  readonly healthyAfterSeconds: number;
  readonly timeline: readonly TimelineEntry[];
}

/** The whole drill. */
export interface DrillResult {
  readonly verdict: Verdict;
  readonly trials: readonly TrialResult[];
}
