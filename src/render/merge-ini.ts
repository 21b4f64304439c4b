import { type Dialect, type IniPart, type IniSection, parseIni, sectionKey } from './ini.ts';

/**
 * `base` with the settings of `wanted` in it: one that is there is replaced where it stands, another is added at the end
 * of its section, a section that is missing at the end of the file. Comments and order of `base` stay. All lines of a
 * setting give way to all that `wanted` has of it: of several lines with one name (oslo's multi-valued options,
 * systemd's lists) none of `base` stays, and several of `wanted` stay several. `-` and `_` in a name are the same.
 */
export function mergeIni(base: string, wanted: string, dialect: Dialect): string {
  const { sections } = parseIni(base, dialect);
  const merged = new Map<string, IniSection[]>();
  for (const section of sections) {
    const key = sectionKey(section.name, dialect);
    merged.set(key, [...(merged.get(key) ?? []), section]);
  }
  for (const [key, { name, settings }] of settingsBySection(wanted, dialect)) {
    const known = merged.get(key);
    merged.set(key, known ? mergeInto(known, settings) : [newSection(name, settings)]);
  }
  const text = [...merged.values()]
    .flat()
    .flatMap(({ parts }) => parts.flatMap(({ lines }) => lines))
    .join('\n');
  return `${text.trimEnd()}\n`;
}

/** All parts of a setting, in order, by its name. */
type Settings = ReadonlyMap<string, readonly IniPart[]>;

interface Wanted {
  readonly name: string;
  readonly settings: Settings;
}

function settingsBySection(text: string, dialect: Dialect): ReadonlyMap<string, Wanted> {
  const found = new Map<string, Wanted>();
  for (const { name, parts } of parseIni(text, dialect).sections) {
    const key = sectionKey(name, dialect);
    const settings = new Map(found.get(key)?.settings);
    for (const part of parts) {
      if (part.kind === 'setting')
        settings.set(settingKey(part.key), [...(settings.get(settingKey(part.key)) ?? []), part]);
    }
    if (settings.size > 0) found.set(key, { name, settings });
  }
  return found;
}

const settingKey = (key: string): string => key.replaceAll('-', '_');

/** Sections of one name are one to the program; what is new comes into the last of them. */
function mergeInto(sections: readonly IniSection[], settings: Settings): IniSection[] {
  const placed = new Set<string>();
  const merged = sections.map((section) => ({
    ...section,
    parts: section.parts.flatMap((part) => replaced(part, settings, placed)),
  }));
  const added = [...settings].filter(([key]) => !placed.has(key)).flatMap(([, parts]) => parts);
  return merged.map((section, index) =>
    index === merged.length - 1 ? { ...section, parts: withAdded(section.parts, added) } : section,
  );
}

function replaced(part: IniPart, settings: Settings, placed: Set<string>): readonly IniPart[] {
  if (part.kind !== 'setting') return [part];
  const key = settingKey(part.key);
  const replacement = settings.get(key);
  if (replacement === undefined) return [part];
  if (placed.has(key)) return [];
  placed.add(key);
  return replacement;
}

/** Before the blank lines that separate the section from the next. */
function withAdded(parts: readonly IniPart[], added: readonly IniPart[]): readonly IniPart[] {
  const last = parts.findLastIndex(({ lines }) => lines.some((line) => line.trim() !== ''));
  return [...parts.slice(0, last + 1), ...added, ...parts.slice(last + 1)];
}

const newSection = (name: string, settings: Settings): IniSection => ({
  name,
  line: 0,
  parts: [
    { kind: 'other', lines: [''] },
    { kind: 'other', lines: [`[${name}]`] },
    ...[...settings.values()].flat(),
  ],
});
