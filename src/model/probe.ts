/**
 * A read-only question to a host, answered within the one observation of it: by a program, over connections that the host
 * opens, or by both. What the program printed comes first in its reply, then what `asks` tells of the answers.
 */
export interface Probe {
  /** Unique on the host: `galera.status`. */
  readonly name: string;
  /**
   * POSIX sh, run as root; a bare host has coreutils, bash and perl-base, and the service may not be installed yet: say so on
   * stdout, don't fail.
   */
  readonly script?: string;
  readonly asks?: Asking;
  /** Seconds that it may take. All probes of a host are cut off together, when the longest of these is over. */
  readonly deadlineSeconds: number;
}

/**
 * What a probe asks over connections. One process on the host has all exchanges of all probes, at once: where a process takes
 * milliseconds to start, one for each of some forty questions keeps the host from its own work.
 */
export interface Asking {
  /** Files that the host must have; where it lacks one, or has no Python, the reply is `not-installed`. */
  readonly needs: readonly { readonly path: string; readonly holds?: string }[];
  readonly exchanges: readonly Exchange[];
  /** The reply, in words of the probe's own; `answers` are in the order of `exchanges`. */
  told(answers: readonly Answer[]): string;
}

/** One connection: who is asked, what, and how much of the answer is read. */
export interface Exchange {
  /** Address and port, or the path of a socket. */
  readonly place: { readonly address: string; readonly port: number } | { readonly socket: string };
  /** Name of the site, for TLS; without it there is none. Whatever certificate is shown is taken. */
  readonly site?: string;
  readonly sends: string;
  /** A file on the host whose last line is USER:PASSWORD: it stands in base64 for `{login}` in what is sent. */
  readonly login?: string;
  /** `all`: until the other side closes. */
  readonly reads: 'nothing' | 'line' | 'all';
  /** Seconds that all of it may take. */
  readonly seconds: number;
}

export interface Answer {
  /** The connection stood, TLS included. */
  readonly reached: boolean;
  readonly milliseconds: number;
  /** Undefined where the answer broke off before its end. */
  readonly text?: string | undefined;
  /** DER in base64. */
  readonly certificate?: string | undefined;
}

/**
 * Seconds that a probe waits for an answer of its own host. What is well answers in milliseconds, but where the processors are
 * full it takes seconds to start who asks, which is no trouble of the service; whether it is too slow for its clients is seen
 * by those who ask all the time, HAProxy and the checker of the APIs.
 */
export const localPatienceSeconds = 6;

/** Seconds that it waits for others, and for VIPs: each that is off, or on its way, is waited for so long by every look. */
export const remotePatienceSeconds = 4;

/** The whole reply of a probe whose host lacks what it is about. */
export const notInstalled = 'not-installed';

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
