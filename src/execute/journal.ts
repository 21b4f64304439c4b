import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Emit } from '../model/event.ts';
import { McpError } from '../model/failure.ts';
import type { Clock } from './run-context.ts';

/**
 * Writes every event into the run's folder before it is told to anyone. Each line is on its way to the disk when the
 * next thing happens, so that what a killed run did can be read.
 */
export function journalled(emit: Emit, directory: string, clock: Clock): Emit {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'events.jsonl');
  return (event) => {
    const line = JSON.stringify({ at: new Date(clock.wallClock()).toISOString(), ...event }, plain);
    appendFileSync(file, `${line}\n`, { mode: 0o600 });
    emit(event);
  };
}

/** An error as JSON has no message, and its cause can hold anything. */
function plain(_key: string, value: unknown): unknown {
  if (!(value instanceof McpError)) return value;
  const { code, message, details } = value;
  return { code, message, hint: details.hint, host: details.host };
}
