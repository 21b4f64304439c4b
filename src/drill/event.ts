import type { TrialResult } from './result.ts';

/** What happens while a drill runs. Terminal and JSON lines only listen. */
export type DrillEvent =
  | {
      readonly type: 'trial-started';
      readonly fault: string;
      readonly repeat: number;
      readonly repeats: number;
    }
  | { readonly type: 'steady-state-met'; readonly fault: string; readonly seconds: number }
  | {
      readonly type: 'healing-armed';
      readonly fault: string;
      readonly hosts: readonly string[];
      readonly seconds: number;
    }
  | { readonly type: 'fault-injected'; readonly fault: string; readonly hosts: readonly string[] }
  | { readonly type: 'healing-now'; readonly fault: string; readonly hosts: readonly string[] }
  | { readonly type: 'waiting-for-health'; readonly fault: string; readonly findings: readonly string[] }
  | { readonly type: 'healthy-again'; readonly fault: string; readonly seconds: number }
  | { readonly type: 'reading-back'; readonly fault: string }
  | { readonly type: 'steady-run-started'; readonly seconds: number; readonly busyLoops: number }
  | { readonly type: 'trial-finished'; readonly result: TrialResult };
