import Handlebars from 'handlebars';
import { closestTo } from '../model/did-you-mean.ts';

/** What is wrong with a template, and where in it: lines and columns count from 1. */
export interface TemplateFlaw {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

/** What can be said of a template before any value is known: its syntax, and partials that are not there. */
export function flawOf(text: string, partials: readonly string[]): TemplateFlaw | undefined {
  try {
    const missing = partialsNamed(Handlebars.parse(text)).find(({ name }) => !partials.includes(name));
    return missing && { ...missing, ...noPartial(missing.name, partials) };
  } catch (cause) {
    return flawIn(cause, text, {});
  }
}

/** What Handlebars says of a template that it could not read, or not fill in with these values. */
export function flawIn(cause: unknown, text: string, values: unknown): TemplateFlaw {
  const words = cause instanceof Error ? cause.message : String(cause);
  const place = placeOf(cause);
  if (place === undefined) {
    // The parser tells the line in its words alone; where they change, the place is the top of the file.
    const line = Number(/^(?:Parse|Lexical) error on line (\d+)/.exec(words)?.[1] ?? 1);
    return {
      line,
      column: 1,
      message: firstLines(words),
      hint: 'correct its syntax, which is that of Handlebars',
    };
  }
  const { line, column } = place;
  const path = (text.split('\n')[line - 1] ?? '').slice(column - 1, place.endColumn - 1).trim();
  // Handlebars repeats the place behind its words.
  const said = firstLines(words).replace(/ - \d+:\d+$/, '');
  const isValue = /^[\w./@-]+$/.test(path) && !['if', 'unless', 'each', 'with', 'eq', 'join'].includes(path);
  if (!isValue) return { line, column, message: said, hint: compare };
  const name = path.split(/[./]/).at(-1) ?? '';
  const known = [...new Set(namesIn(values))];
  const meant = known.includes(name) ? undefined : closestTo(name, known);
  return {
    line,
    column,
    message: `there is no value ${path} here`,
    hint: meant === undefined ? compare : `did you mean ${meant}?`,
  };
}

interface PartialName {
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

/** Every partial that some part of a parsed template asks for. */
function partialsNamed(node: unknown): readonly PartialName[] {
  if (typeof node !== 'object' || node === null) return [];
  const inner = Object.values(node).flatMap(partialsNamed);
  return isPartial(node)
    ? [{ name: node.name.original, line: node.loc.start.line, column: node.loc.start.column + 1 }, ...inner]
    : inner;
}

const isPartial = (node: object): node is hbs.AST.PartialStatement & { name: { original: string } } =>
  'type' in node && node.type === 'PartialStatement';

function noPartial(name: string, partials: readonly string[]): Pick<TemplateFlaw, 'message' | 'hint'> {
  const meant = closestTo(name, partials);
  return {
    message: `there is no partial ${name}`,
    hint: meant === undefined ? `name one of ${partials.join(', ')}` : `did you mean ${meant}?`,
  };
}

/** Handlebars counts columns from 0. */
function placeOf(cause: unknown) {
  if (!(cause instanceof Error) || !('lineNumber' in cause) || !('column' in cause)) return undefined;
  const { lineNumber: line, column } = cause;
  if (typeof line !== 'number' || typeof column !== 'number') return undefined;
  const end = 'endColumn' in cause && typeof cause.endColumn === 'number' ? cause.endColumn : column;
  return { line, column: column + 1, endColumn: end + 1 };
}

const compare = 'compare it with the template that it replaces, in templates/';

const firstLines = (words: string): string => words.split('\n').slice(0, 4).join(' ');

const namesIn = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)]);
};
