import pLimit from 'p-limit';
import { McpError } from '../model/failure.ts';
import type { Connection, Held, RunOptions, RunResult } from '../model/transport.ts';
import { programFor, programReadingOn } from './program.ts';
import { collect, holdShell, type Shell } from './shell.ts';

/** What a connection is made of: a way to start shells on one host. */
export interface ShellSource {
  readonly host: string;
  /** Starts `sh -s` as root; the host itself ends it after `timeoutSeconds`. */
  startShell(timeoutSeconds: number | undefined): Promise<Shell>;
  countRoundTrips(): number;
  close(): Promise<void>;
}

/** A connection over shells, at most eight at a time: OpenSSH allows ten sessions on one connection. */
export function connectionOver(source: ShellSource): Connection {
  const queue = pLimit(8);
  return {
    host: source.host,
    run: (script, options = {}) => queue(() => run(source, script, options)),
    hold: (script) => hold(source, script),
    get roundTrips() {
      return source.countRoundTrips();
    },
    [Symbol.asyncDispose]: () => source.close(),
  };
}

async function run(source: ShellSource, script: string, options: RunOptions): Promise<RunResult> {
  const { signal, timeoutSeconds, input } = options;
  refuseWhenAborted(source, signal);
  const shell = await source.startShell(timeoutSeconds);
  const finished = collect(shell);
  const abandon = () => shell.abandon();
  const patience = timeoutSeconds === undefined ? undefined : (timeoutSeconds + graceSeconds) * 1000;
  const timer = patience === undefined ? undefined : setTimeout(abandon, patience);
  signal?.addEventListener('abort', abandon, { once: true });
  shell.stdin.end(programFor(script, input));
  try {
    const result = await finished;
    if (result !== undefined) return result;
    refuseWhenAborted(source, signal);
    throw connectionLost(source.host);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abandon);
  }
}

/** The host's own deadline comes first; this much later the host itself is given up. */
const graceSeconds = 15;

async function hold(
  source: ShellSource,
  script: string,
): Promise<Held | { readonly kind: 'ended'; readonly result: RunResult }> {
  const shell = await source.startShell(undefined);
  shell.stdin.write(programReadingOn(script));
  const held = await holdShell(shell);
  if (held === undefined) throw connectionLost(source.host);
  return 'kind' in held ? held : { kind: 'ended', result: held };
}

function refuseWhenAborted({ host }: ShellSource, signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new McpError('interrupted', `${host}: interrupted; what ran there may have finished or not`, {
    host,
  });
}

/** Neither failed nor done: whoever gets it looks at the host again and decides. */
export const connectionLost = (host: string, cause?: unknown): McpError =>
  new McpError(
    'connection-lost',
    `${host}: the connection was lost while a script ran, its outcome is unknown`,
    {
      host,
      hint: 'see that the host answers, then run the command again: it looks at what was done and takes it up',
      cause,
    },
  );
