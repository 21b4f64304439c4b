/**
 * Files of sections with settings, as three kinds of programs read them.
 * `oslo` (OpenStack; RabbitMQ and sysctl, which have no sections): a line that begins with white space goes on with the
 * value above it, `=` or `:` ends a name, a name without either is refused.
 * `cnf` (MariaDB): white space in front means nothing, a name may stand alone, `!include` reads other files.
 * `systemd`: white space in front means nothing, a backslash at the end goes on in the next line.
 */
export type Dialect = 'oslo' | 'cnf' | 'systemd';

/** The kind of a file on a host, by its path; only a file that has been read shows whether it is any of them. */
export const dialectOf = (path: string): Dialect => {
  if (path.endsWith('.cnf')) return 'cnf';
  return path.startsWith('/etc/systemd/') ? 'systemd' : 'oslo';
};

export interface IniText {
  /** The first holds what stands before any section and has no name. */
  readonly sections: readonly IniSection[];
  readonly mistakes: readonly IniMistake[];
}

export interface IniSection {
  readonly name: string;
  /** Of its head, from 1; 0 where it has none. */
  readonly line: number;
  readonly parts: readonly IniPart[];
}

export type IniPart =
  | {
      readonly kind: 'setting';
      readonly key: string;
      /** More than one where the value goes on below. */
      readonly lines: readonly string[];
      /** Of its name, from 1. */
      readonly line: number;
    }
  /** A section's head, a comment, a blank line. */
  | { readonly kind: 'other'; readonly lines: readonly [string] };

/** What the program that reads the file would refuse. Lines and columns count from 1. */
export interface IniMistake {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

/** The settings of a text, in order; a line that is not understood is told, and kept as it is. */
export function parseIni(text: string, dialect: Dialect): IniText {
  const sections: OpenSection[] = [{ name: '', line: 0, parts: [] }];
  const mistakes: IniMistake[] = [];
  let above: Line = { kind: 'other' };
  for (const [index, raw] of text.trimEnd().split('\n').entries()) {
    const line = raw.trimEnd();
    const meaning = meaningOf(line, { above, dialect });
    if (meaning.kind === 'mistake') {
      mistakes.push({
        ...meaning.refusal,
        line: index + 1,
        column: line.length - line.trimStart().length + 1,
      });
    }
    take(meaning, line, { sections, number: index + 1 });
    above = meaning;
  }
  return { sections, mistakes };
}

/** One spelling of a section's name for all that its program takes for the same. */
export const sectionKey = (name: string, dialect: Dialect): string =>
  dialect === 'oslo' && name !== 'DEFAULT' ? name.toLowerCase() : name;

interface OpenSection extends IniSection {
  readonly parts: IniPart[];
}

/** What one line is. `mayGoOn`: whether the next may belong to it. */
type Line =
  | { readonly kind: 'other' }
  | { readonly kind: 'head'; readonly name: string }
  | { readonly kind: 'setting'; readonly key: string; readonly mayGoOn: boolean }
  | { readonly kind: 'continuation'; readonly mayGoOn: boolean }
  | { readonly kind: 'mistake'; readonly refusal: Refusal };

type Refusal = Pick<IniMistake, 'message' | 'hint'>;

interface Context {
  readonly above: Line;
  readonly dialect: Dialect;
}

function meaningOf(line: string, { above, dialect }: Context): Line {
  const isIndented = /^[ \t]/.test(line);
  const isBroken = dialect === 'systemd' && line.endsWith('\\');
  if ('mayGoOn' in above && above.mayGoOn && (isIndented || dialect === 'systemd')) {
    return { kind: 'continuation', mayGoOn: dialect === 'oslo' || isBroken };
  }
  const word = line.trimStart();
  if (word === '') return { kind: 'other' };
  if (dialect === 'oslo' && isIndented) return mistake(goesOnWithNothing);
  if (/^[#;]/.test(word)) return { kind: 'other' };
  if (word.startsWith('[')) return headIn(word, dialect);
  return settingIn(word, dialect);
}

function headIn(word: string, dialect: Dialect): Line {
  // MariaDB and systemd read up to the bracket; oslo.config wants the line to end with it.
  const end = dialect === 'oslo' && !word.endsWith(']') ? -1 : word.indexOf(']');
  const name = word.slice(1, end).trim();
  return end < 0 || name === ''
    ? mistake({ message: `${shown(word)} is not a section`, hint: 'write [NAME] on a line of its own' })
    : { kind: 'head', name };
}

function settingIn(word: string, dialect: Dialect): Line {
  if (dialect === 'cnf' && word.startsWith('!')) return mistake(includes);
  const end = word.search(dialect === 'oslo' ? /[=:]/ : /=/);
  if (end < 0 && dialect !== 'cnf') return mistake({ message: `${shown(word)} is not NAME = VALUE`, hint });
  const key = (end < 0 ? word : word.slice(0, end)).trim();
  if (key === '' || /\s/.test(key)) {
    return mistake({ message: `${shown(word)} does not begin with the name of a setting`, hint });
  }
  return {
    kind: 'setting',
    key,
    mayGoOn: dialect === 'oslo' || (dialect === 'systemd' && word.endsWith('\\')),
  };
}

const mistake = (refusal: Refusal): Line => ({ kind: 'mistake', refusal });

const shown = (word: string): string => (word.length > 40 ? `${word.slice(0, 40)}…` : word);

const hint = 'write NAME = VALUE; a line that goes on with a value begins with white space';

const goesOnWithNothing: Refusal = {
  message: 'a line that begins with white space goes on with the value above it, and there is none',
  hint: 'begin it with the name of the setting; blank lines and comments end a value',
};

const includes: Refusal = {
  message: 'would have MariaDB read files that nobody here looks after',
  hint: 'write what they say',
};

interface Place {
  readonly sections: OpenSection[];
  readonly number: number;
}

function take(meaning: Line, line: string, { sections, number }: Place): void {
  const other: IniPart = { kind: 'other', lines: [line] };
  if (meaning.kind === 'head') {
    sections.push({ name: meaning.name, line: number, parts: [other] });
    return;
  }
  const parts = sections.at(-1)?.parts ?? [];
  const last = parts.at(-1);
  if (meaning.kind === 'continuation' && last?.kind === 'setting') {
    parts.splice(-1, 1, { ...last, lines: [...last.lines, line] });
  } else if (meaning.kind === 'setting') {
    parts.push({ kind: 'setting', key: meaning.key, lines: [line], line: number });
  } else {
    parts.push(other);
  }
}
