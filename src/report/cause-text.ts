import type { Cause } from '../model/cause.ts';
import { type Found, isRed } from '../model/check.ts';
import { findingAsLine, foldedIn, leftWithout } from '../model/finding-lines.ts';
import type { Telling } from './findings-text.ts';
import type { Paint } from './paint.ts';
import { indented } from './words.ts';

/** A cause with what to do and what is left, and how much follows from it or all that does. */
export function causeAsText(cause: Cause, paint: Paint, telling: Telling): string {
  const all = cause.follows.map((found) => findingAsText(found, paint));
  const below = [
    ...advice(cause),
    ...leftWithout(cause),
    ...(telling === 'causes' || all.length === 0 ? foldedIn(cause) : ['from it follows:', ...all]),
  ];
  const line = `${markOf(cause, paint)} ${findingAsLine(cause.finding)}`;
  return [line, ...below.map((text) => indented(text, 2))].join('\n');
}

/** A finding with its check and what to do. */
export function findingAsText(found: Found, paint: Paint): string {
  const { hosts, message } = found.finding;
  const where = hosts.length === 0 ? '' : `${hosts.join(', ')}: `;
  const line = `${markOf(found, paint)} ${found.check.name}  ${where}${message}`;
  return [line, ...advice(found).map((text) => indented(text, 2))].join('\n');
}

const markOf = (found: Found, paint: Paint): string => (isRed(found) ? paint.red('✗') : paint.yellow('!'));

const advice = ({ finding: { hint } }: Found): readonly string[] => (hint === undefined ? [] : [`→ ${hint}`]);
