import type { Host } from '../model/host.ts';
import type { Override } from '../model/inventory.ts';
import type { FileResource, Resource } from '../model/resource.ts';
import { mergeIni } from './merge-ini.ts';
import { applyTo } from './scope.ts';
import { templateName } from './templates.ts';

/**
 * The resources of `host` with what its operator wants different in their files; each file that an override touched,
 * or whose template was replaced, says so in `overrides`.
 */
export function applyOverrides(
  resources: readonly Resource[],
  overrides: readonly Override[],
  host: Host,
): readonly Resource[] {
  const concerning = applyTo(overrides, host);
  if (concerning.length === 0) return resources;
  return resources.map((resource) =>
    resource.kind === 'file' ? concerning.reduce(applyOverride, resource) : resource,
  );
}

function applyOverride(file: FileResource, { what, source }: Override): FileResource {
  switch (what.kind) {
    case 'replace-template':
      return templateName(what.template) === templateName(file.template) ? marked(file, source) : file;
    case 'merge-ini':
      if (what.path !== file.path) return file;
      return marked({ ...file, content: mergeIni(file.content, what.content) }, source);
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
