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
 *
 * A vote about the membership stops all writes until each member has heard each other's vote and that it was heard.
 * What got lost or crossed on the way is said again only with the next keepalive or retransmission. With Galera's 1 s
 * for both, writes stood still for 3 s when a killed member came back, with 0.5 s for 1.5 s, and with 0.1 s, the least
 * that Galera takes, for 0.1 to 0.4 s.
 */
export function timersFor(suspectSeconds: number): Timers {
  const repeated = duration(Math.max(0.1, suspectSeconds / 20));
  return {
    keepalive: repeated,
    inactiveCheck: duration(suspectSeconds / 8),
    suspect: duration(suspectSeconds),
    inactive: duration(suspectSeconds * 3),
    install: duration(suspectSeconds * 2),
    joinRetransmit: repeated,
    peer: duration(suspectSeconds),
    restartSeconds: Math.max(5, Math.ceil(suspectSeconds + 3)),
  };
}

const duration = (seconds: number): string => `PT${Number(seconds.toFixed(4))}S`;
