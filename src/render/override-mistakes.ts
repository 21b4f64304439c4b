import { error, type LocatedDiagnostic } from '../model/diagnostic.ts';
import { closestTo } from '../model/did-you-mean.ts';
import type { Host } from '../model/host.ts';
import type { Override } from '../model/inventory.ts';
import { type FileResource, ownFileTemplate } from '../model/resource.ts';
import { applyTo } from './scope.ts';
import { settingsMistakes } from './settings-mistakes.ts';
import { templateName } from './templates.ts';

/** What the hosts of a cloud have, as far as overrides may speak of it. */
interface Rendered {
  readonly hosts: readonly Host[];
  /** Names of all templates. */
  readonly templates: readonly string[];
  seenOn(host: Host): {
    /** By its name: the partials that each template asked for there. */
    readonly templates: ReadonlyMap<string, ReadonlySet<string>>;
    readonly files: readonly FileResource[];
  };
}

/** Overrides that have no effect, or not the one that their operator means: of no file, of none there, of no section. */
export function overrideMistakes(
  overrides: readonly Override[],
  rendered: Rendered,
): readonly LocatedDiagnostic[] {
  return overrides.flatMap((override) => {
    const concerned = rendered.hosts.filter((host) => applyTo([override], host).length > 0);
    return override.what.kind === 'replace-template'
      ? replacementMistakes(override, concerned, rendered)
      : fileMistakes(override, concerned, rendered);
  });
}

function replacementMistakes(
  override: Override,
  concerned: readonly Host[],
  { hosts, templates, seenOn }: Rendered,
): readonly LocatedDiagnostic[] {
  if (override.what.kind !== 'replace-template') return [];
  const name = templateName(override.what.template);
  if (!templates.includes(name)) {
    const folder = templates.filter((known) => known.startsWith(name.slice(0, name.indexOf('/') + 1)));
    const meant = closestTo(name, templates);
    const hint = folder.length === 0 ? 'name a template of templates/' : `name one of ${folder.join(', ')}`;
    return [
      atTop(override, `there is no template ${name}`, meant === undefined ? hint : `did you mean ${meant}?`),
    ];
  }
  const isUsedOn = (host: Host): boolean =>
    [...seenOn(host).templates].some(([template, partials]) => template === name || partials.has(name));
  if (concerned.some(isUsedOn)) return [];
  return [
    atTop(override, `${nobodyIn(override)} has a file from ${name}`, elsewhere(hosts.filter(isUsedOn))),
  ];
}

function fileMistakes(
  override: Override,
  concerned: readonly Host[],
  { hosts, seenOn }: Rendered,
): readonly LocatedDiagnostic[] {
  const { what } = override;
  if (what.kind === 'replace-template') return [];
  if (what.kind === 'own-file')
    return takenPath(
      override,
      what.path,
      concerned.flatMap((host) => seenOn(host).files),
    );
  const fileOn = (host: Host): readonly FileResource[] =>
    seenOn(host).files.filter(({ path, template }) => path === what.path && template !== ownFileTemplate);
  const files = concerned.flatMap(fileOn);
  if (files.length > 0) {
    return files.flatMap((file) =>
      settingsMistakes(file, what).map((flaw) => ({
        ...error([], flaw.message, flaw.hint),
        ...placeOf(override, flaw),
      })),
    );
  }
  const having = hosts.filter((host) => fileOn(host).length > 0);
  const known = [...new Set(hosts.flatMap((host) => seenOn(host).files.map(({ path }) => path)))];
  const meant = closestTo(what.path, known);
  const hint = having.length > 0 || meant === undefined ? elsewhere(having) : `did you mean ${meant}?`;
  return [atTop(override, `${nobodyIn(override)} has the file ${what.path}`, hint)];
}

/** A file of the operator's where one of ours is, or a folder; or below what is a file. */
function takenPath(
  override: Override,
  path: string,
  files: readonly FileResource[],
): readonly LocatedDiagnostic[] {
  const ours = files.filter(({ template }) => template !== ownFileTemplate);
  const same = ours.find((file) => file.path === path);
  if (same !== undefined) {
    const hint = `take it out of files/: ${path}.merge and .append change it, or replace templates/${same.template}`;
    return [atTop(override, `${path} is a file that mcp writes`, hint)];
  }
  const below = files.find((file) => file.path.startsWith(`${path}/`));
  if (below !== undefined) {
    return [
      atTop(override, `${path} is a folder on the hosts: ${below.path} lies in it`, 'give it another name'),
    ];
  }
  const above = files.find((file) => path.startsWith(`${file.path}/`));
  return above === undefined
    ? []
    : [atTop(override, `${above.path} is a file on the hosts, and no folder`, 'give it another name')];
}

const placeOf = (
  { source }: Override,
  { line, column }: { readonly line: number; readonly column: number },
) => ({
  file: source,
  line,
  column,
});

const atTop = (override: Override, message: string, hint: string): LocatedDiagnostic => ({
  ...error([], message, hint),
  ...placeOf(override, { line: 1, column: 1 }),
});

function nobodyIn({ scope }: Override): string {
  switch (scope.kind) {
    case 'all':
      return 'no host';
    case 'role':
      return `no host with the role ${scope.role}`;
    case 'host':
      return scope.host;
  }
}

const elsewhere = (having: readonly Host[]): string =>
  having.length > 0
    ? `move it: ${having.map(({ name }) => name).join(', ')} would use it`
    : '`mcp render` writes every file that there is; files of your own belong below files/';
