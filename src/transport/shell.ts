import type { Readable, Writable } from 'node:stream';
import type { Held, RunResult } from '../model/transport.ts';

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

/** Everything that a shell prints until it ends; undefined when the way to it is gone. */
export async function collect(shell: Shell): Promise<RunResult | undefined> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  shell.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  shell.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const exitCode = await shell.ended;
  if (exitCode === undefined) return undefined;
  return { exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

/** A shell that has printed its first line and lives on. */
export async function holdShell(shell: Shell): Promise<Held | RunResult | undefined> {
  const lost = new AbortController();
  const finished = collect(shell);
  const firstLine = await Promise.race([firstLineOf(shell.stdout), finished.then(() => undefined)]);
  if (firstLine === undefined) return finished;
  const heartbeat = setInterval(() => shell.stdin.write('alive\n'), heartbeatMilliseconds);
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
      const timer = setTimeout(() => shell.abandon(), releaseMilliseconds);
      await over;
      clearTimeout(timer);
    },
  };
}

/** A host lets go of what it holds for us when it hears nothing for two minutes: eight of these. */
const heartbeatMilliseconds = 15_000;
const releaseMilliseconds = 5000;

function firstLineOf(stdout: Readable): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
  });
}
