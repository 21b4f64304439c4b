import { escaped } from './mask.ts';

/**
 * What stands on a host of a file that carries secrets, without those that it may carry still: a secret that was rotated is
 * known to nobody any more, and lets in until the file is replaced. Hidden is what stands where a secret is to stand now,
 * and what looks like one that was generated. Of a file that is nothing but a secret nothing is shown.
 */
export function withoutEarlierSecrets(before: string, maskedAfter: string): string {
  const wanted = maskedAfter.split('\n');
  const masked = wanted.filter((line) => line.includes(hidden));
  if (masked.length === 0) return before;
  const hide = wanted.every((line) => says(line) === '' || line.trim() === hidden)
    ? (line: string) => (says(line) === '' ? line : hidden)
    : hiding(masked, new Set(wordsIn(maskedAfter)));
  return before
    .split('\n')
    .map((line) => (wanted.includes(line) ? line : hide(line)))
    .join('\n');
}

const hidden = '***';

/** What a line is about: nothing, where it is blank or a comment. */
const says = (line: string): string => line.trim().replace(/^(#|;|\/\/).*$/, '');

/** By the shapes of the lines with a secret in them, then by the keys that these begin with, then word by word. */
function hiding(masked: readonly string[], plain: ReadonlySet<string>): (line: string) => string {
  const shapes = [...new Set(masked)]
    .map((line) => line.trim().split(hidden))
    .filter(([first = '']) => first.length >= 3)
    .map((parts) => ({
      shape: new RegExp(`^(\\s*)${parts.map(escaped).join('.*')}$`),
      masked: parts.join(hidden),
    }));
  const keys = new Set(masked.flatMap((line) => keyOf(line)?.key ?? []));
  return (line) => {
    const found = shapes.find(({ shape }) => shape.test(line));
    if (found !== undefined)
      return line.replace(found.shape, (_line, indent: string) => indent + found.masked);
    const own = keyOf(line);
    if (own !== undefined && keys.has(own.key)) return `${own.start}${hidden}`;
    return line.replace(longWord, (word) => (plain.has(word) || !looksGenerated(word) ? word : hidden));
  };
}

/** `password = x`, `"password": "x"`, `define('KEY', 'x')`, `[client]`-style words: what comes before the value. */
function keyOf(line: string): { readonly key: string; readonly start: string } | undefined {
  const [start = '', key = ''] = /^\s*["']?([A-Za-z_][\w.-]*)["']?\s*(?:[=:]|\s)\s*/.exec(line) ?? [];
  return key === '' ? undefined : { key, start };
}

const longWord = /[A-Za-z0-9+/_=-]{16,}/g;

const wordsIn = (text: string): readonly string[] => text.match(longWord) ?? [];

/** Letters and digits, hex, base64, or the upper-case letters of a cookie: no word of any language. */
const looksGenerated = (word: string): boolean =>
  (/[0-9]/.test(word) && /[A-Za-z]/.test(word)) || /^[A-Z]{16,}$/.test(word);
