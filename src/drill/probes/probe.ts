import type { Series } from '../attempt.ts';

/** Asks one endpoint the way a client would. Attempts overlap: none waits for another. */
export interface Probe {
  readonly series: Series;
  /** An attempt that has no answer by then has failed with `timeout`. */
  readonly deadlineMilliseconds: number;
  /** Where the way there is looked at too: an attempt succeeded as far as this when it called `connected`. */
  readonly connecting?: { readonly series: Series; readonly deadlineMilliseconds: number };
  /** Resolves when the client got what it wanted. `signal` is aborted at the deadline: let go of everything then. */
  attempt(number: number, signal: AbortSignal, connected: () => void): Promise<void>;
  close(): Promise<void>;
}

/** An answer that is no success, with the class it is counted under: `http-503`, `wrong-page`. */
export class ProbeFailure extends Error {
  readonly failure: string;

  constructor(failure: string) {
    super(failure);
    this.name = 'ProbeFailure';
    this.failure = failure;
  }
}

/** The class under which an error of a client library is counted. */
export function failureOf(error: unknown): string {
  if (error instanceof ProbeFailure) return error.failure;
  const { errno, code, name } = detailsOf(error);
  if (typeof code === 'string') return classByCode[code] ?? (code.startsWith('ER_') ? `sql-${errno}` : code);
  if (typeof code === 'number') return `amqp-${code}`;
  return name;
}

const classByCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  PROTOCOL_CONNECTION_LOST: 'reset',
  UND_ERR_SOCKET: 'reset',
  ETIMEDOUT: 'timeout',
  UND_ERR_ABORTED: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  ABORT_ERR: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
};

function detailsOf(error: unknown): {
  readonly errno: unknown;
  readonly code: unknown;
  readonly name: string;
} {
  if (!(error instanceof Error)) return { errno: undefined, code: undefined, name: String(error) };
  return {
    errno: 'errno' in error ? error.errno : undefined,
    code: 'code' in error ? error.code : undefined,
    name: error.name,
  };
}
