/**
 * `base` with the keys of `wanted` in it: a key that is there gets the new value where it stands, another is added at
 * the end of its section, a section that is missing at the end of the file. Comments and order of `base` stay. A key
 * given several times in `wanted` (oslo's multi-valued options) replaces all of its lines. INI and cnf alike: keys
 * before the first section, keys without a value, and `-` for `_` are understood.
 */
export function mergeIni(base: string, wanted: string): string {
  const sections = parseSections(base);
  for (const [name, settings] of settingsBySection(wanted)) {
    const section = sections.find((candidate) => candidate.name === name);
    if (section) section.lines = mergeLines(section.lines, settings);
    else sections.push({ name, lines: ['', `[${name}]`, ...[...settings.values()].flat()] });
  }
  return `${sections
    .flatMap(({ lines }) => lines)
    .join('\n')
    .trimEnd()}\n`;
}

interface Section {
  readonly name: string;
  lines: readonly string[];
}

/** Lines by key, in order. */
type Settings = Map<string, readonly string[]>;

function parseSections(text: string): Section[] {
  const sections: Section[] = [{ name: '', lines: [] }];
  for (const line of text.trimEnd().split('\n')) {
    const name = /^\s*\[([^\]]+)\]/.exec(line)?.[1]?.trim();
    if (name !== undefined) sections.push({ name, lines: [line] });
    else {
      const current = sections.at(-1);
      if (current) current.lines = [...current.lines, line];
    }
  }
  return sections;
}

function settingsBySection(text: string): Map<string, Settings> {
  const found = new Map<string, Settings>();
  for (const { name, lines } of parseSections(text)) {
    const settings = found.get(name) ?? new Map<string, readonly string[]>();
    for (const line of lines) {
      const key = keyOf(line);
      if (key !== undefined) settings.set(key, [...(settings.get(key) ?? []), line.trim()]);
    }
    if (settings.size > 0) found.set(name, settings);
  }
  return found;
}

/** The key that a line sets; undefined for comments, section heads and blank lines. */
function keyOf(line: string): string | undefined {
  if (/^\s*([#;[]|$)/.test(line)) return undefined;
  return line.split('=', 1)[0]?.trim().toLowerCase().replaceAll('-', '_');
}

function mergeLines(lines: readonly string[], settings: Settings): readonly string[] {
  const placed = new Set<string>();
  const merged = lines.flatMap((line) => {
    const key = keyOf(line);
    const replacement = key === undefined ? undefined : settings.get(key);
    if (key === undefined || replacement === undefined) return [line];
    if (placed.has(key)) return [];
    placed.add(key);
    return replacement;
  });
  const added = [...settings].filter(([key]) => !placed.has(key)).flatMap(([, wantedLines]) => wantedLines);
  const blanks = trailingBlanks(merged);
  return [...merged.slice(0, merged.length - blanks), ...added, ...merged.slice(merged.length - blanks)];
}

function trailingBlanks(lines: readonly string[]): number {
  const last = lines.findLastIndex((line) => line.trim() !== '');
  return lines.length - 1 - last;
}
