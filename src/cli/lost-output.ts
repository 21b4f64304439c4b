import type { EventEmitter } from 'node:events';
import { exitCodes } from '../model/failure.ts';

/** What is listened to of a process and its streams. */
interface Listening {
  readonly stdout: EventEmitter;
  readonly stderr: EventEmitter;
  complain(text: string): void;
}

/**
 * Hears when what is printed reaches nobody, which must not end a run in the middle. A reader that has gone away
 * (`mcp plan | head`) wanted no more. A disk that is full has kept a file from being whole: that is said once, and
 * whatever ended well then does not. Returns what becomes of the exit code.
 */
export function hearLostOutput({ stdout, stderr, complain }: Listening): (exitCode: number) => number {
  let isLost = false;
  stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (isLost || cause.code === 'EPIPE') return;
    isLost = true;
    complain(
      `✗ standard output can't be written: ${cause.message}\n  → make room where it goes to, then run the command again`,
    );
  });
  // Nobody is left to tell it to.
  stderr.on('error', () => undefined);
  return (exitCode) => (isLost && exitCode === exitCodes.done ? exitCodes.invalidInput : exitCode);
}
