import { closestTo } from '../model/did-you-mean.ts';
import type { Override } from '../model/inventory.ts';
import type { FileResource } from '../model/resource.ts';
import { type Dialect, dialectOf, type IniMistake, type IniSection, parseIni, sectionKey } from './ini.ts';

type Addition = Extract<Override['what'], { readonly kind: 'merge-ini' | 'append' }>;

/** What is wrong with settings that are to be merged into `file`, or lines that are to be added below it. */
export function settingsMistakes(file: FileResource, { kind, content }: Addition): readonly IniMistake[] {
  if (file.comment === 'none') return [atTop(noSettings(file, 'does not take more'))];
  const dialect = dialectOf(file.path);
  const base = parseIni(file.content, dialect);
  const hasSettings = base.mistakes.length === 0 && !file.path.endsWith('.py');
  const hasSections = base.sections.length > 1;
  if (kind === 'append') {
    if (!hasSettings || !hasSections) return [];
    const { sections, mistakes } = parseIni(content, dialect);
    return [...mistakes, ...adrift(file, sections), ...unknownSections(sections, base.sections, dialect)];
  }
  if (!hasSettings) {
    const { message, hint } = noSettings(file, 'has no settings that keys could be merged into');
    return [atTop({ message, hint: `add lines below it with ${file.path}.append, or ${hint}` })];
  }
  const { sections, mistakes } = parseIni(content, dialect);
  return [
    ...mistakes,
    ...(hasSections ? homeless(sections, base.sections) : strangers(sections)),
    ...unknownSections(sections, base.sections, dialect),
    ...(mistakes.length === 0 &&
    sections.every(({ parts }) => parts.every(({ kind: part }) => part === 'other'))
      ? [atTop({ message: 'sets nothing', hint: 'write settings, or take it away' })]
      : []),
  ];
}

const atTop = (flaw: Pick<IniMistake, 'message' | 'hint'>): IniMistake => ({ ...flaw, line: 1, column: 1 });

const noSettings = ({ path, template }: FileResource, why: string) => ({
  message: `${path} ${why}`,
  hint: `replace its template, templates/${template}`,
});

/** Settings before any section, of a file that has nothing there. */
const homeless = ([top]: readonly IniSection[], [baseTop]: readonly IniSection[]): readonly IniMistake[] =>
  baseTop?.parts.some(({ kind }) => kind === 'setting')
    ? []
    : aboveSections(top, 'stands before any section', 'write [SECTION] above it');

/** Settings that are added below a file would be of whatever section comes last in it. */
const adrift = ({ path }: FileResource, [top]: readonly IniSection[]): readonly IniMistake[] =>
  aboveSections(
    top,
    'stands before any section, and would be of the one that comes last in the file',
    `write [SECTION] above it, or merge it with ${path}.merge`,
  );

const aboveSections = (top: IniSection | undefined, flaw: string, hint: string): readonly IniMistake[] =>
  (top?.parts ?? []).flatMap((part) =>
    part.kind === 'setting' ? [{ line: part.line, column: 1, message: `${part.key} ${flaw}`, hint }] : [],
  );

/** Sections of a file that has none. */
const strangers = (sections: readonly IniSection[]): readonly IniMistake[] =>
  sections.slice(1).map(({ name, line }) => ({
    line,
    column: 1,
    message: `there is a section [${name}], and the file has none`,
    hint: 'write its settings without it',
  }));

/**
 * Sections that are spelled almost like one of the file. Others are new to it, which is what overrides are for; whether
 * the service knows them is judged on the host, by its own checker.
 */
function unknownSections(
  sections: readonly IniSection[],
  base: readonly IniSection[],
  dialect: Dialect,
): readonly IniMistake[] {
  const known = base.slice(1).map(({ name }) => name);
  const keys = new Set(known.map((name) => sectionKey(name, dialect)));
  return sections.slice(1).flatMap(({ name, line }) => {
    if (keys.has(sectionKey(name, dialect)) || lookAlikes.has(name)) return [];
    const meant = closestTo(name, known, slipsIn(name));
    if (meant === undefined) return [];
    const message = `there is no section [${name}] in the file`;
    return [{ line, column: 1, message, hint: `did you mean [${meant}]?` }];
  });
}

/** Short names are easily close to each other: `[ovs]` and `[ovn]` are two drivers. */
const slipsIn = (name: string): number => (name.length < 5 ? 0 : name.length < 8 ? 1 : 2);

/** Sections of Neutron and groups of MariaDB's programs that differ by a letter or two, and are all meant. */
const lookAlikes: ReadonlySet<string> = new Set([
  ...['ml2_type_flat', 'ml2_type_vlan', 'ml2_type_vxlan', 'ml2_type_gre', 'ml2_type_geneve'],
  ...['client', 'mariadb', 'mariadbd', 'mariadbd-safe', 'mysql', 'mysqld', 'mysqld_safe', 'server'],
]);
