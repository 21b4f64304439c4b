/**
 * What stands on a host of a file that carries secrets, without those that it may carry still: a secret that was rotated is
 * known to nobody any more, and lets in until the file is replaced. Hidden is what stands where a secret is to stand now,
 * what is called a password or alike, and what looks like one that was generated. Of a file that is nothing but a secret
 * nothing is shown.
 */
export function withoutEarlierSecrets(before: string, maskedAfter: string): string {
  const wanted = new Set(maskedAfter.split('\n'));
  const masked = [...wanted].filter((line) => line.includes(hidden));
  const isBare =
    masked.length > 0 && [...wanted].every((line) => says(line) === '' || line.trim() === hidden);
  const hide = isBare
    ? (line: string) => (says(line) === '' ? line : hidden)
    : hiding(masked, new Set(wordsIn(maskedAfter)));
  return before
    .split('\n')
    .map((line) => (wanted.has(line) ? line : hide(line)))
    .join('\n');
}

const hidden = '***';

/** What a line is about: nothing, where it is blank or a comment. */
const says = (line: string): string => line.trim().replace(/^(#|;|\/\/).*$/, '');

/** By the shapes of the lines with a secret in them, then by the keys that these begin with, then word by word. */
function hiding(masked: readonly string[], plain: ReadonlySet<string>): (line: string) => string {
  const shapes = [...new Set(masked.map((line) => line.trim()))]
    .map((line) => ({ line, parts: line.split(hidden) }))
    .filter(({ parts: [first = ''] }) => first.length >= 3);
  const keys = new Set(masked.flatMap((line) => keyOf(line)?.key ?? []));
  return (line) => {
    const trimmed = line.trim();
    const found = shapes.find(({ parts }) => fits(trimmed, parts));
    if (found !== undefined) return line.replace(trimmed, () => found.line);
    const own = keyOf(line);
    if (own !== undefined && keys.has(own.key)) return `${own.start}${hidden}`;
    const named = line.replace(secretlyNamed, (_all, start: string) => `${start}${hidden}`);
    // Of a file that carries no secret any more what looks generated may be anything: a digest, an id.
    if (masked.length === 0) return named;
    return named.replace(longWord, (word) => (plain.has(word) || !looksGenerated(word) ? word : hidden));
  };
}

/** Whether a line is made of these parts in their order, with anything in between. */
function fits(line: string, parts: readonly string[]): boolean {
  const [first = '', ...others] = parts;
  const last = others.pop() ?? '';
  if (!line.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = line.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return line.length >= at + last.length && line.endsWith(last);
}

/** `password = x`, `"password": "x"`, `[client]`-style words: what comes before the value. */
function keyOf(line: string): { readonly key: string; readonly start: string } | undefined {
  const [start = '', key = ''] = /^\s*["']?([A-Za-z_][\w.-]*)["']?\s*(?:[=:]|\s)\s*/.exec(line) ?? [];
  return key === '' ? undefined : { key, start };
}

/** A value anywhere in a line whose name says what it is. */
const secretlyNamed =
  /([\w.-]*(?:password|passwd|secret|cookie|token|credential)[\w.-]*["']?\s*[=:]\s*["']?)[^\s"',;}\])]+/gi;

const longWord = /[A-Za-z0-9+/_=-]{16,}/g;

const wordsIn = (text: string): readonly string[] => text.match(longWord) ?? [];

/** Letters and digits, both cases, hex, base64, or the upper-case letters of a cookie: no word of a configuration. */
const looksGenerated = (word: string): boolean =>
  (/[0-9]/.test(word) && /[A-Za-z]/.test(word)) ||
  (/[a-z]/.test(word) && /[A-Z]/.test(word)) ||
  /^[A-Z]{16,}$/.test(word);
