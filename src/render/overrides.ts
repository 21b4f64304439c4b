import type { Host } from '../model/host.ts';
import type { Override } from '../model/inventory.ts';
import type { FileResource, Resource } from '../model/resource.ts';
import { dialectOf } from './ini.ts';
import { mergeIni } from './merge-ini.ts';
import { applyTo } from './scope.ts';
import { templateName } from './templates.ts';

interface Wanted {
  readonly overrides: readonly Override[];
  readonly host: Host;
  /** Those that a template asked for there, by whole names. */
  partialsOf(template: string): ReadonlySet<string>;
}

/**
 * The resources of a host with what its operator wants different in their files; each file that an override touched,
 * or of whose template anything was replaced, says so in `overrides`.
 */
export function applyOverrides(
  resources: readonly Resource[],
  { overrides, host, partialsOf }: Wanted,
): readonly Resource[] {
  const concerning = applyTo(overrides, host);
  if (concerning.length === 0) return resources;
  return resources.map((resource) => {
    if (resource.kind !== 'file') return resource;
    const template = templateName(resource.template);
    const sources = new Set([template, ...partialsOf(template)]);
    return concerning.reduce((file, override) => applyOverride(file, override, sources), resource);
  });
}

function applyOverride(
  file: FileResource,
  { what, source }: Override,
  templates: ReadonlySet<string>,
): FileResource {
  switch (what.kind) {
    case 'replace-template':
      return templates.has(templateName(what.template)) ? marked(file, source) : file;
    case 'merge-ini':
      if (what.path !== file.path) return file;
      return marked({ ...file, content: mergeIni(file.content, what.content, dialectOf(file.path)) }, source);
    case 'own-file':
      return what.path === file.path ? marked(file, source) : file;
    case 'append':
      if (what.path !== file.path) return file;
      return marked({ ...file, content: joinedBelow(file.content, what.content) }, source);
  }
}

const marked = (file: FileResource, source: string): FileResource => ({
  ...file,
  overrides: [...file.overrides, source],
});

const joinedBelow = (content: string, addition: string): string =>
  `${withFinalNewline(content)}${withFinalNewline(addition)}`;

const withFinalNewline = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
