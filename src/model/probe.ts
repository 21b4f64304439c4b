/**
 * A read-only question to a host, answered within the one observation of it. POSIX sh, run as root with a deadline;
 * a bare host has coreutils, bash and perl-base, and the service may not be installed yet: say so on stdout, don't fail.
 */
export interface Probe {
  /** Unique on the host: `galera.status`. */
  readonly name: string;
  readonly script: string;
  /** Seconds that it may take. All probes of a host are cut off together, when the longest of these is over. */
  readonly deadlineSeconds: number;
}

/**
 * Seconds that a probe waits for an answer of its own host. What is well answers in milliseconds, but where the processors are
 * full it takes seconds to start who asks, which is no trouble of the service; whether it is too slow for its clients is seen
 * by those who ask all the time, HAProxy and the checker of the APIs.
 */
export const localPatienceSeconds = 6;

/** Seconds that it waits for others, and for VIPs: each that is off, or on its way, is waited for so long by every look. */
export const remotePatienceSeconds = 4;

/** What a probe printed. */
export interface ProbeReply {
  /** 124 when its deadline cut it off. */
  readonly exitCode: number;
  readonly stdout: string;
}

/**
 * A service's own checker, run on the host against a staged tree before anything is touched. `script` is POSIX sh that
 * finds each of `files` below `$TREE` (staged where it will change, copied from the host where not) and exits non-zero
 * to refuse; its output is shown to the operator.
 */
export interface Validator {
  readonly name: string;
  /** The program it needs; while that is not installed the check waits until the packages are. */
  readonly program: string;
  readonly files: readonly string[];
  readonly script: string;
}
