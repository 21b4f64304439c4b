import type { LocatedDiagnostic } from './diagnostic.ts';

/** Exit codes of the program; the README explains them, CI pipelines rely on them. */
export const exitCodes = {
  done: 0,
  bug: 1,
  changesPending: 2,
  invalidInput: 3,
  unreachable: 4,
  locked: 5,
  halted: 6,
  rolledBack: 7,
  degraded: 8,
  drillFailed: 9,
  stalePlan: 10,
  refused: 11,
  interrupted: 130,
  terminated: 143,
} as const;

export type FailureCode =
  | 'invalid-inventory'
  | 'invalid-arguments'
  | 'invalid-template'
  | 'checker-refused'
  | 'unreachable'
  | 'host-key-unknown'
  | 'host-key-changed'
  | 'host-key-unproven'
  | 'login-refused'
  | 'sudo-refused'
  | 'connection-lost'
  | 'command-failed'
  | 'reply-truncated'
  | 'reply-too-long'
  | 'locked'
  | 'gate-red'
  | 'degraded'
  | 'degraded-start'
  | 'rolled-back'
  | 'drift'
  | 'older-inventory'
  | 'already-there'
  | 'no-way-back'
  | 'foreign-host'
  | 'newer-format'
  | 'not-confirmed'
  | 'stale-plan'
  | 'drill-failed'
  | 'lab-failed'
  | 'prerequisite-missing'
  | 'interrupted';

export interface FailureDetails {
  /** What to do: one imperative sentence. */
  readonly hint?: string;
  readonly host?: string;
  /** The command as the operator could type it, secrets never in it. */
  readonly command?: string;
  readonly cause?: unknown;
  /** Everything that is wrong with the cloud, a line each, where the message folds what follows from causes. */
  readonly findings?: readonly string[];
  /** For `invalid-inventory`: everything that is wrong, each with its place. */
  readonly diagnostics?: readonly LocatedDiagnostic[];
}

/**
 * An expected failure in the field. Told apart by `code`, never by its text.
 * Anything else that is thrown is a bug and shows its stack.
 */
export class McpError extends Error {
  readonly code: FailureCode;
  readonly details: FailureDetails;

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, { cause: details.cause });
    this.name = 'McpError';
    this.code = code;
    this.details = details;
  }
}

/** The exit code that stands for a failure. */
export function exitCodeOf(code: FailureCode): number {
  return exitCodeByFailure[code];
}

const exitCodeByFailure: Readonly<Record<FailureCode, number>> = {
  'invalid-inventory': exitCodes.invalidInput,
  'invalid-arguments': exitCodes.invalidInput,
  'invalid-template': exitCodes.invalidInput,
  'checker-refused': exitCodes.invalidInput,
  unreachable: exitCodes.unreachable,
  'host-key-unknown': exitCodes.unreachable,
  'host-key-changed': exitCodes.unreachable,
  'host-key-unproven': exitCodes.unreachable,
  'login-refused': exitCodes.unreachable,
  'sudo-refused': exitCodes.unreachable,
  'connection-lost': exitCodes.halted,
  'command-failed': exitCodes.halted,
  'reply-truncated': exitCodes.halted,
  'reply-too-long': exitCodes.halted,
  locked: exitCodes.locked,
  'gate-red': exitCodes.halted,
  degraded: exitCodes.degraded,
  'degraded-start': exitCodes.refused,
  'rolled-back': exitCodes.rolledBack,
  drift: exitCodes.refused,
  'older-inventory': exitCodes.refused,
  'already-there': exitCodes.refused,
  'no-way-back': exitCodes.refused,
  'foreign-host': exitCodes.refused,
  'newer-format': exitCodes.refused,
  'not-confirmed': exitCodes.refused,
  'stale-plan': exitCodes.stalePlan,
  'drill-failed': exitCodes.drillFailed,
  'lab-failed': exitCodes.bug,
  'prerequisite-missing': exitCodes.invalidInput,
  interrupted: exitCodes.interrupted,
};
