import type { LocatedDiagnostic } from '../model/diagnostic.ts';
import type { Host } from '../model/host.ts';
import type { Override } from '../model/inventory.ts';
import type { FileResource, Resource } from '../model/resource.ts';
import type { Render } from '../model/service.ts';
import { overrideMistakes } from './override-mistakes.ts';
import { applyOverrides } from './overrides.ts';
import { renderFor } from './render.ts';
import type { Templates } from './templates.ts';

/** How the files of a cloud come about, with what its operator wants different in them. */
interface Renderer {
  renderOn(host: Host): Render;
  overrideOn(host: Host, resources: readonly Resource[]): readonly Resource[];
  /** What is wrong with the overrides, as far as files were rendered by now: all of it, each once. */
  mistakes(hosts: readonly Host[]): readonly LocatedDiagnostic[];
}

export function rendererOf(templates: Templates, overrides: readonly Override[]): Renderer {
  const flaws: LocatedDiagnostic[] = [];
  const seen = new Map<string, Seen>();
  const seenOn = ({ name }: Host): Seen => {
    const known = seen.get(name) ?? { templates: new Map(), files: [] };
    seen.set(name, known);
    return known;
  };
  return {
    renderOn: (host) =>
      renderFor(templates, overrides, host, {
        flaw: (flaw) => flaws.push(flaw),
        rendered: (template, partials) => {
          const { templates: rendered } = seenOn(host);
          rendered.set(template, new Set([...(rendered.get(template) ?? []), ...partials]));
        },
      }),
    overrideOn(host, resources) {
      const { files, templates: rendered } = seenOn(host);
      files.push(...resources.filter((resource) => resource.kind === 'file'));
      return applyOverrides(resources, { overrides, host, partialsOf: (name) => rendered.get(name) ?? none });
    },
    mistakes(hosts) {
      const known = { hosts, seenOn, templates: [...templates.keys()] };
      return onceEach([...flaws, ...overrideMistakes(overrides, known)]);
    },
  };
}

/** What was rendered for one host. */
interface Seen {
  /** By its name: the partials that each template asked for. */
  readonly templates: Map<string, ReadonlySet<string>>;
  /** As they are without what is merged in or added. */
  readonly files: FileResource[];
}

const none: ReadonlySet<string> = new Set();

/** A template is rendered for many hosts, and is as wrong for each. */
const onceEach = (found: readonly LocatedDiagnostic[]): readonly LocatedDiagnostic[] =>
  [
    ...new Map(
      found.map((each) => [[each.file, each.line, each.column, each.message].join('\n'), each]),
    ).values(),
  ].toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
