import { quote } from './transport.ts';

/** What a program for POSIX sh gets from us: values for its variables, and words for its "$@". */
export interface ShellInput {
  readonly values?: Readonly<Record<string, string | number>>;
  readonly words?: readonly string[];
}

/**
 * A program for POSIX sh with what it works on. The text stays letter for letter, so that shellcheck has read what runs:
 * values come as assignments before it, and the variables that it expects stand in its first lines.
 */
export function programWith(text: string, { values = {}, words }: ShellInput): string {
  const assignments = Object.entries(values).map(([name, value]) => `${name}=${quote(String(value))}`);
  const positional = words === undefined ? [] : [`set -- ${words.map(quote).join(' ')}`];
  return [...assignments, ...positional, text].join('\n');
}
