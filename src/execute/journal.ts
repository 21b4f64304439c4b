import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Emit } from '../model/event.ts';
import { McpError } from '../model/failure.ts';
import type { Clock } from './run-context.ts';

/**
 * Writes every event into the run's folder before it is told to anyone. Each line is on its way to the disk when the
 * next thing happens, so that what a killed run did can be read. Throws McpError `invalid-arguments` where nothing can be
 * written there. A run that is under way when that happens goes on: to stop in the middle because of this machine's disk
 * would be worse for the cloud, and hosts keep a journal of their own.
 */
export function journalled(emit: Emit, directory: string, clock: Clock): Emit {
  const file = join(directory, 'events.jsonl');
  const append = (text: string) => appendFileSync(file, text, { mode: 0o600 });
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    append('');
  } catch (cause) {
    throw new McpError('invalid-arguments', `nothing can be written below ${directory}`, {
      hint: 'make room there, or set XDG_STATE_HOME to a folder that you may write; nothing was changed',
      cause,
    });
  }
  let isWriting = true;
  return (event) => {
    const line = JSON.stringify({ at: new Date(clock.wallClock()).toISOString(), ...event }, plain);
    try {
      if (isWriting) append(`${line}\n`);
    } catch (cause) {
      isWriting = false;
      emit({ type: 'journal-lost', file, reason: cause instanceof Error ? cause.message : String(cause) });
    }
    emit(event);
  };
}

/** An error as JSON has no message, and its cause can hold anything. */
function plain(_key: string, value: unknown): unknown {
  if (!(value instanceof McpError)) return value;
  const { code, message, details } = value;
  return { code, message, hint: details.hint, host: details.host };
}
