/** A way to a host: the port that `transport/` fulfils over ssh and with a script for tests. */
export interface Connection extends AsyncDisposable {
  readonly host: string;
  /**
   * Runs `sh -s` as root on the host with `script` on stdin. Nothing of it is ever in an argv.
   * Throws McpError `connection-lost` when the outcome is unknown; a non-zero exit is a result, not an error.
   */
  run(script: string, options?: RunOptions): Promise<RunResult>;
  /**
   * Starts `script` and leaves its stdin open: it lives as long as the connection, or until it is released. Resolves
   * with the first line that it prints; the held script then gets a line `alive` on stdin every 15 s. Throws McpError
   * `connection-lost`; a script that ends before its first line comes back as `ended`.
   */
  hold(
    script: string,
    options?: HoldOptions,
  ): Promise<Held | { readonly kind: 'ended'; readonly result: RunResult }>;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly timeoutSeconds?: number;
  /** What the script is for, in a few words, should it go wrong: `take the lock`. */
  readonly title?: string;
  /** What follows the script on stdin (`cat` in the script reads it). */
  readonly input?: string | Uint8Array;
}

/** `timeoutSeconds`: until its first line. */
export type HoldOptions = Pick<RunOptions, 'signal' | 'timeoutSeconds' | 'title'>;

/** A script that runs on a host until it is released. */
export interface Held extends AsyncDisposable {
  readonly kind: 'held';
  readonly firstLine: string;
  /** Aborted when the script ended without being released: the connection is gone, or it gave up. */
  readonly lost: AbortSignal;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Opens a connection, or throws McpError (`unreachable`, `host-key-changed`, `login-refused`, …). */
export type Connect = (host: string, signal?: AbortSignal) => Promise<Connection>;

/** Quotes a word for POSIX sh: the one quoting function. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
