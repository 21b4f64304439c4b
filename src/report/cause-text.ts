import type { Cause } from '../model/cause.ts';
import { type Found, isRed } from '../model/check.ts';
import { findingAsLine } from '../model/finding-lines.ts';
import type { Telling } from './findings-text.ts';
import type { Paint } from './paint.ts';
import { counted, indented } from './words.ts';

/** A cause with what to do and what is left, and how much follows from it or all that does. */
export function causeAsText(cause: Cause, paint: Paint, telling: Telling): string {
  const { finding, capacity, follows } = cause;
  const left = capacity.length === 0 ? [] : [`left without it: ${capacity.join(', ')}`];
  const lines = [...advice(finding), ...left, ...consequences(follows, paint, telling)];
  return [
    `${markOf(cause, paint)} ${findingAsLine(finding)}`,
    ...lines.map((line) => indented(line, 2)),
  ].join('\n');
}

/** A finding with its check and what to do. */
export function findingAsText(found: Found, paint: Paint): string {
  const { check, finding } = found;
  const where = finding.hosts.length === 0 ? '' : `${finding.hosts.join(', ')}: `;
  return [
    `${markOf(found, paint)} ${check.name}  ${where}${finding.message}`,
    ...advice(finding).map((line) => indented(line, 2)),
  ].join('\n');
}

const markOf = (found: Found, paint: Paint): string => (isRed(found) ? paint.red('✗') : paint.yellow('!'));

const advice = ({ hint }: Found['finding']): readonly string[] => (hint === undefined ? [] : [`→ ${hint}`]);

function consequences(follows: readonly Found[], paint: Paint, telling: Telling): readonly string[] {
  if (follows.length === 0) return [];
  const [said, them] =
    follows.length === 1
      ? ['1 finding follows from it', 'it']
      : [`${counted(follows.length, 'finding')} follow from it`, 'them'];
  if (telling === 'causes') return [`${said}; --verbose shows ${them}`];
  return [`${said}:`, ...follows.map((found) => findingAsText(found, paint))];
}
