import pLimit from 'p-limit';
import { McpError } from '../model/failure.ts';
import type { Connection, Held, HoldOptions, RunOptions, RunResult } from '../model/transport.ts';
import { type Patience, usualPatience } from './patience.ts';
import { programFor, programReadingOn } from './program.ts';
import { type Broken, collect, holdShell, longestReplyBytes, type NoShell, type Shell } from './shell.ts';
import { interruptedAt, unlessAborted } from './unless-aborted.ts';

/** What a connection is made of: a way to start shells on one host. */
export interface ShellSource {
  readonly host: string;
  /** Starts `sh -s` as root; the host itself ends it after `timeoutSeconds`. */
  startShell(timeoutSeconds: number | undefined): Promise<Shell>;
  readonly patience?: Patience;
  close(): Promise<void>;
}

/** A connection over shells, at most eight at a time: OpenSSH allows ten sessions on one connection. */
export function connectionOver(source: ShellSource): Connection {
  const queue = pLimit(8);
  return {
    host: source.host,
    run: (script, options = {}) => queue(() => run(source, script, options)),
    hold: (script, options = {}) => hold(source, script, options),
    [Symbol.asyncDispose]: () => source.close(),
  };
}

async function run(source: ShellSource, script: string, options: RunOptions): Promise<RunResult> {
  const { timeoutSeconds, input } = options;
  const shell = await shellFrom(source, timeoutSeconds, options);
  const finished = collect(shell);
  using _patience = givenUp(shell, options);
  shell.stdin.end(programFor(script, input));
  return whole(await finished, source, options);
}

async function hold(
  source: ShellSource,
  script: string,
  options: HoldOptions,
): Promise<Held | { readonly kind: 'ended'; readonly result: RunResult }> {
  const shell = await shellFrom(source, undefined, options);
  using _patience = givenUp(shell, options);
  shell.stdin.write(programReadingOn(script));
  const held = whole(await holdShell(shell, source.patience ?? usualPatience), source, options);
  return 'kind' in held ? held : { kind: 'ended', result: held };
}

const shellFrom = (
  source: ShellSource,
  timeoutSeconds: number | undefined,
  { signal }: RunOptions,
): Promise<Shell> =>
  unlessAborted(() => source.startShell(timeoutSeconds), {
    host: source.host,
    signal,
    discard: (shell) => shell.abandon(),
  });

/** Lets a shell go when it is interrupted, or when its host has had time enough; not any more once this is disposed of. */
function givenUp(shell: Shell, { signal, timeoutSeconds }: RunOptions): Disposable {
  const abandon = () => shell.abandon();
  const timer =
    timeoutSeconds === undefined ? undefined : setTimeout(abandon, (timeoutSeconds + graceSeconds) * 1000);
  signal?.addEventListener('abort', abandon, { once: true });
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abandon);
    },
  };
}

/** The host's own deadline comes first; this much later the host itself is given up. */
const graceSeconds = 15;

function whole<Reply extends Held | RunResult>(
  reply: Reply | Broken,
  { host }: ShellSource,
  { signal, title }: RunOptions,
): Reply {
  if (typeof reply === 'object' && !isNoShell(reply)) return reply;
  if (signal?.aborted === true) throw interruptedAt(host);
  if (typeof reply === 'object') throw shellNotStarted(host, reply);
  throw reply === 'too-long' ? replyTooLong(host, longestReplyBytes, title) : connectionLost(host);
}

const isNoShell = (reply: Held | RunResult | NoShell): reply is NoShell =>
  'kind' in reply && reply.kind === 'no-shell';

/** We are let in, and there is nothing that runs commands for us: `nologin`, a menu, a profile that ends its shell. */
function shellNotStarted(host: string, { exitCode, said }: NoShell): McpError {
  const words = inOneLine(said);
  return new McpError(
    'login-refused',
    `${host}: the login shell ended with ${exitCode} and did not start ours${words === '' ? '' : `: ${words}`}`,
    {
      host,
      hint: 'see that `ssh HOST true` ends with 0 as that user: its login shell and its profile decide',
    },
  );
}

/** The last words of many. */
export const inOneLine = (said: string): string =>
  said
    .trim()
    .replaceAll(/\s*\n\s*/g, '; ')
    .slice(-1000);

/** It went on for longer than `bytes`. */
export function replyTooLong(host: string, bytes: number, title = 'run a script'): McpError {
  const megabytes = bytes / 1024 / 1024;
  return new McpError('reply-too-long', `${host} said more than ${megabytes} MB, asked to ${title}`, {
    host,
    command: `${title} on ${host}`,
    hint: 'look at what fills the reply there (its shell, its profile, a file in the place of ours), then try again',
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
