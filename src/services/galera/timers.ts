/** The timers of the group, all derived from how long a silent member is tolerated. Values are ISO 8601 durations. */
export interface Timers {
  readonly keepalive: string;
  readonly inactiveCheck: string;
  readonly suspect: string;
  readonly inactive: string;
  readonly install: string;
  readonly joinRetransmit: string;
  readonly peer: string;
  /** Seconds systemd waits before it starts a dead member again. */
  readonly restartSeconds: number;
}

/**
 * Ratios that Galera accepts (keepalive ≤ suspect / 3, check ≤ suspect / 2, install between keepalive and inactive)
 * and that keep `install` above `suspect`: below it one dead member takes the whole group out of Primary.
 */
export function timersFor(suspectSeconds: number): Timers {
  return {
    keepalive: duration(suspectSeconds / 4),
    inactiveCheck: duration(suspectSeconds / 8),
    suspect: duration(suspectSeconds),
    inactive: duration(suspectSeconds * 3),
    install: duration(suspectSeconds * 2),
    joinRetransmit: duration(suspectSeconds / 4),
    peer: duration(suspectSeconds),
    restartSeconds: Math.max(5, Math.ceil(suspectSeconds + 3)),
  };
}

const duration = (seconds: number): string => `PT${Number(seconds.toFixed(4))}S`;
