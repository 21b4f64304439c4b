import { McpError } from '../model/failure.ts';
import { diagnosticsAsText } from './diagnostics-text.ts';
import { type Paint, plain } from './paint.ts';
import { indented } from './words.ts';

/** An expected failure: what happened, where, with which command, why, and what to do. */
export function failureAsText({ message, details }: McpError, paint: Paint = plain): string {
  const { diagnostics = [], host, command, cause, hint } = details;
  const where = host !== undefined && !message.includes(host) ? `${host}: ` : '';
  return [
    `${paint.red('✗')} ${where}${indented(message, 2).trimStart()}`,
    ...(diagnostics.length === 0 ? [] : [indented(diagnosticsAsText(diagnostics, paint), 2)]),
    ...(command === undefined ? [] : [indented(`command: ${command}`, 2)]),
    ...(cause === undefined ? [] : [indented(`cause: ${causeAsText(cause)}`, 2)]),
    ...(hint === undefined ? [] : [indented(`→ ${hint}`, 2)]),
  ].join('\n');
}

/** Each cause behind the other, one line each: what the system said stands last. */
function causeAsText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const behind = cause instanceof McpError ? cause.details.cause : cause.cause;
  return behind === undefined ? cause.message : `${cause.message}\ncause: ${causeAsText(behind)}`;
}

/** Anything that nobody foresaw, with its stack: the operator can do nothing but report it. */
export function bugAsText(thrown: unknown, paint: Paint = plain): string {
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return `${paint.red('this is a bug in mcp')}: please report it with what follows\n${stack}`;
}
