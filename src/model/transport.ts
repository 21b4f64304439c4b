/** A way to a host: the port that `transport/` fulfils over ssh and with a script for tests. */
export interface Connection extends AsyncDisposable {
  readonly host: string;
  /**
   * Runs `sh -s` as root on the host with `script` on stdin. Nothing of it is ever in an argv.
   * Throws McpError `connection-lost` when the outcome is unknown; a non-zero exit is a result, not an error.
   */
  run(script: string, options?: RunOptions): Promise<RunResult>;
  /** Network round trips so far, as counted by the transport. */
  readonly roundTrips: number;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly timeoutSeconds?: number;
  /** What follows the script on stdin (`cat` in the script reads it). */
  readonly input?: string | Uint8Array;
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

/** An argv as a line of sh. */
export const commandLine = (argv: readonly string[]): string => argv.map(quote).join(' ');
