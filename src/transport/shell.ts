import type { Readable, Writable } from 'node:stream';
import type { Held, RunResult } from '../model/transport.ts';
import type { Patience } from './patience.ts';

/** A started `sh -s`, waiting for its program on stdin: an ssh channel, or a child process in tests. */
export interface Shell {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The exit code; undefined when it can't be known, since the way to the shell is gone. */
  readonly ended: Promise<number | undefined>;
  /** Stops waiting: `ended` resolves with undefined, and the shell is let go. */
  abandon(): void;
}

/** A reply that is cut short: the way to its shell is gone, or it went on for longer than any that we ask for. */
export type Broken = 'lost' | 'too-long';

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
  return { exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

/** A shell that has printed its first line and lives on. */
export async function holdShell(shell: Shell, patience: Patience): Promise<Held | RunResult | Broken> {
  const lost = new AbortController();
  const finished = collect(shell);
  const firstLine = await Promise.race([firstLineOf(shell.stdout), finished.then(() => undefined)]);
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

function firstLineOf(stdout: Readable): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
  });
}
