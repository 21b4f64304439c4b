import type { SortedFindings } from './cause.ts';
import type { McpError } from './failure.ts';
import type { Batch, Plan } from './plan.ts';

/** What happened. Terminal, plain lines, JSON lines and the report only listen. */
export type ExecutionEvent =
  /** Another run has the lock of a host; told before a run begins, and again when that is another one. */
  | { readonly type: 'lock-waiting'; readonly host: string; readonly reason: string }
  | { readonly type: 'rollout-started'; readonly run: string; readonly plan: Plan }
  | { readonly type: 'lock-acquired'; readonly hosts: readonly string[] }
  | { readonly type: 'files-staged'; readonly host: string; readonly files: number }
  | { readonly type: 'files-validated'; readonly host: string; readonly validators: readonly string[] }
  | {
      readonly type: 'gate-waiting';
      readonly batch: number;
      readonly when: 'before' | 'after';
      /** What keeps the gate closed. */
      readonly closing: SortedFindings;
    }
  | {
      readonly type: 'gate-passed';
      readonly batch: number;
      readonly when: 'before' | 'after';
      readonly seconds: number;
    }
  | { readonly type: 'batch-started'; readonly batch: Batch; readonly total: number }
  | { readonly type: 'step-started'; readonly host: string; readonly batch: number; readonly title: string }
  | {
      readonly type: 'step-finished';
      readonly host: string;
      readonly batch: number;
      readonly title: string;
      readonly seconds: number;
    }
  | {
      readonly type: 'step-failed';
      readonly host: string;
      readonly batch: number;
      readonly title: string;
      readonly failure: McpError;
    }
  | { readonly type: 'batch-finished'; readonly batch: number; readonly seconds: number }
  /** The account of the run on this machine ends here, and the run does not. */
  | { readonly type: 'journal-lost'; readonly file: string; readonly reason: string }
  | { readonly type: 'rollout-halted'; readonly reason: McpError; readonly untouched: readonly string[] }
  | { readonly type: 'rollout-finished'; readonly seconds: number };

export type Emit = (event: ExecutionEvent) => void;
