interface Line {
  /** In units of the picture. */
  readonly width: number;
  readonly fontSize: number;
  readonly bold: boolean;
}

/** Words in lines that fit into `width`, whatever letters they are of; one that is too long itself is broken. */
export function wrapped(words: readonly string[], line: Line): readonly string[] {
  const lines: string[] = [];
  for (const part of words.flatMap((word) => broken(word, line))) {
    const longer = `${lines.at(-1)} ${part}`;
    if (lines.length > 0 && widthOf(longer, line) <= line.width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}

function broken(word: string, line: Line): readonly string[] {
  const parts: string[] = [''];
  for (const letter of word) {
    const longer = `${parts.at(-1)}${letter}`;
    if (widthOf(longer, line) <= line.width) parts[parts.length - 1] = longer;
    else parts.push(letter);
  }
  return parts;
}

/** At least as wide as the widest of the fonts draws it: nobody knows which of them there will be. */
const widthOf = (text: string, { fontSize, bold }: Omit<Line, 'width'>): number =>
  [...text].reduce((sum, letter) => sum + emOf(letter), 0) * fontSize * (bold ? 1.12 : 1);

/** Of Segoe UI, Helvetica, DejaVu Sans and what else systems have, the widest. */
const emOf = (letter: string): number => {
  if (/[ijl.,:;'|!]/.test(letter)) return 0.34;
  if (/[frt ()/[\]-]/.test(letter)) return 0.42;
  if (/[mwMW@%]/.test(letter)) return 1;
  return /[A-Z]/.test(letter) ? 0.8 : 0.64;
};
