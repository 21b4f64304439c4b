import type { Readable, Writable } from 'node:stream';
import type { Held, RunResult } from '../model/transport.ts';
import type { Patience } from './patience.ts';
import { afterMark, listenForMark } from './shell-mark.ts';

/** A started `sh -s`, waiting for its program on stdin: an ssh channel, or a child process in tests. */
export interface Shell {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** A line before which nothing on either stream is the shell's own; undefined: all of it is. */
  readonly mark?: string;
  /** The exit code; undefined when it can't be known, since the way to the shell is gone. */
  readonly ended: Promise<number | undefined>;
  /** Stops waiting: `ended` resolves with undefined, and the shell is let go. */
  abandon(): void;
}

/** A reply that is cut short: the way to its shell is gone, or it went on for longer than any that we ask for. */
export type Broken = 'lost' | 'too-long' | NoShell;

/** What was started in the place of our shell has ended, and that has never begun. */
export interface NoShell {
  readonly kind: 'no-shell';
  readonly exitCode: number;
  readonly said: string;
}

/**
 * The largest honest reply is an observation of a host where others' files stand in the place of ours: it ends with 8 MB
 * of them, which are 11 MB in base64. Nothing else that we ask for comes to a tenth of that.
 */
export const longestReplyBytes = 16 * 1024 * 1024;

/** Everything that a shell prints until it ends. What goes on for too long is not kept, and its shell is let go. */
export async function collect(shell: Shell): Promise<RunResult | Broken> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let bytes = 0;
  const into = (kept: Buffer[]) => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= longestReplyBytes) {
      kept.push(chunk);
      return;
    }
    stdout.length = 0;
    stderr.length = 0;
    shell.abandon();
    shell.stdout.destroy();
    shell.stderr.destroy();
  };
  shell.stdout.on('data', into(stdout));
  shell.stderr.on('data', into(stderr));
  const exitCode = await shell.ended;
  if (bytes > longestReplyBytes) return 'too-long';
  if (exitCode === undefined) return 'lost';
  return replyIn(
    { exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() },
    shell,
  );
}

/** What our shell has said, out of all that was. */
function replyIn(all: RunResult, { mark }: Shell): RunResult | NoShell {
  if (mark === undefined) return all;
  const [stdout, stderr] = [afterMark(all.stdout, mark), afterMark(all.stderr, mark)];
  if (stdout !== undefined && stderr !== undefined) return { exitCode: all.exitCode, stdout, stderr };
  return { kind: 'no-shell', exitCode: all.exitCode, said: `${all.stderr}\n${all.stdout}` };
}

/** A shell that has printed its first line and lives on. */
export async function holdShell(shell: Shell, patience: Patience): Promise<Held | RunResult | Broken> {
  const lost = new AbortController();
  const finished = collect(shell);
  const firstLine = await Promise.race([firstLineOf(shell), finished.then(() => undefined)]);
  if (firstLine === undefined) return finished;
  const heartbeat = setInterval(() => shell.stdin.write('alive\n'), patience.heartbeat);
  const over = finished.then(() => {
    clearInterval(heartbeat);
    lost.abort();
  });
  return {
    kind: 'held',
    firstLine,
    lost: lost.signal,
    async [Symbol.asyncDispose]() {
      shell.stdin.end();
      const timer = setTimeout(() => shell.abandon(), patience.release);
      await over;
      clearTimeout(timer);
    },
  };
}

function firstLineOf({ stdout, mark }: Shell): Promise<string> {
  let text: string | undefined = mark === undefined ? '' : undefined;
  const heard = mark === undefined ? (piece: string) => `${text}${piece}` : listenForMark(mark);
  return new Promise((resolve) => {
    stdout.on('data', (chunk: Buffer) => {
      text = heard(chunk.toString());
      if (text?.includes('\n') === true) resolve(text.slice(0, text.indexOf('\n')));
    });
  });
}
