import Handlebars from 'handlebars';
import { error, type LocatedDiagnostic } from '../model/diagnostic.ts';
import { McpError } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { Override } from '../model/inventory.ts';
import type { Render } from '../model/service.ts';
import { flawIn, flawOf, type TemplateFlaw } from './replacements.ts';
import { applyTo } from './scope.ts';
import { isPlain, type Templates, templateName } from './templates.ts';
import { valuesFor } from './values.ts';

/** What is told of while templates are rendered. */
export interface Listening {
  /** A mistake in a template of the operator's, with its place; what is rendered of it is empty then. */
  flaw(flaw: LocatedDiagnostic): void;
  /** A template was rendered, and these partials in it; each by its whole name. */
  rendered(template: string, partials: ReadonlySet<string>): void;
}

/**
 * A `Render` for one host: its operator's replacements of whole templates are used in place of ours, and their mistakes
 * told to `listening`. Throws McpError `invalid-template` for a value that would add a line, and where nobody listens for
 * the first mistake.
 */
export function renderFor(
  templates: Templates,
  overrides: readonly Override[],
  host: Host,
  listening: Listening = nobody,
): Render {
  const replacements = replacementsFor(templates, overrides, host);
  const effective = new Map([
    ...templates,
    ...[...replacements].map(([name, { text }]) => [name, text] as const),
  ]);
  const partials = partialsIn(effective);
  const unfit = unfitOf(replacements, [...partials.keys()], listening);
  return (template, values) => {
    const name = templateName(template);
    const trail: Trail = { partials: new Set(), guilty: undefined };
    try {
      return textFrom(name, textOf(name, effective), { values, partials, unfit, trail });
    } catch (cause) {
      const guilty = trail.guilty ?? name;
      const replacement = cause instanceof McpError ? undefined : replacements.get(guilty);
      if (!replacement) throw ofOurOwn(guilty, { host: host.name, cause });
      listening.flaw(located(flawIn(cause, replacement.text, values), replacement));
      return '';
    } finally {
      listening.rendered(name, trail.partials);
    }
  };
}

function textOf(name: string, templates: Templates): string {
  const text = templates.get(name);
  if (text === undefined) throw new Error('there is no such template');
  return text;
}

/** The replacements that no values could make a text of; they are told. */
function unfitOf(
  replacements: ReadonlyMap<string, Replacement>,
  partials: readonly string[],
  listening: Listening,
): ReadonlySet<string> {
  const unfit = new Set<string>();
  for (const [name, replacement] of replacements) {
    const flaw = isPlain(name) ? undefined : flawOf(replacement.text, partials);
    if (flaw === undefined) continue;
    unfit.add(name);
    listening.flaw(located(flaw, replacement));
  }
  return unfit;
}

/** The first mistake ends it. */
const nobody: Listening = {
  flaw: (flaw) => {
    throw new McpError('invalid-template', `${flaw.file}: ${flaw.message}`, { diagnostics: [flaw] });
  },
  rendered: () => undefined,
};

interface Replacement {
  readonly text: string;
  readonly source: string;
}

/** Those of templates that are there; what names another is a mistake that is told elsewhere. */
const replacementsFor = (
  templates: Templates,
  overrides: readonly Override[],
  host: Host,
): ReadonlyMap<string, Replacement> =>
  new Map(
    applyTo(overrides, host).flatMap(({ what, source }): [string, Replacement][] => {
      if (what.kind !== 'replace-template') return [];
      const name = templateName(what.template);
      return templates.has(name) ? [[name, { text: what.content, source }]] : [];
    }),
  );

const located = ({ message, hint, ...place }: TemplateFlaw, { source }: Replacement): LocatedDiagnostic => ({
  ...error([], message, hint),
  ...place,
  file: source,
});

function ofOurOwn(
  name: string,
  { host, cause }: { readonly host: string; readonly cause: unknown },
): McpError {
  if (cause instanceof McpError) return cause;
  const words = cause instanceof Error ? cause.message : String(cause);
  return new McpError('invalid-template', `${name}: ${words.split('\n').slice(0, 4).join(' ')}`, {
    host,
    cause,
  });
}

type Partials = ReadonlyMap<string, Handlebars.TemplateDelegate>;

/** What several services say in the same words is a template of its own: `{{> shared/database}}`. */
function partialsIn(templates: Templates): Partials {
  const shared = [...templates].filter(([name]) => name.startsWith('shared/'));
  return new Map(shared.map(([name, text]) => [name.replace(/\.hbs$/, ''), compiled(text)]));
}

/** What one rendering went through. */
interface Trail {
  readonly partials: Set<string>;
  /** The innermost partial that failed, by its whole name; undefined: none did. */
  guilty: string | undefined;
}

interface Filling {
  readonly values: object;
  readonly partials: Partials;
  readonly unfit: ReadonlySet<string>;
  readonly trail: Trail;
}

function textFrom(name: string, text: string, { values, partials, unfit, trail }: Filling): string {
  if (isPlain(name)) return text;
  const checked = valuesFor(name, values);
  if (unfit.has(name)) return '';
  const watched = [...partials].map(([partial, delegate]) => {
    const whole = templateName(partial);
    const fill: Handlebars.TemplateDelegate = (context, options) => {
      trail.partials.add(whole);
      if (unfit.has(whole)) return '';
      try {
        return delegate(context, options);
      } catch (cause) {
        trail.guilty ??= whole;
        throw cause;
      }
    };
    return [partial, fill] as const;
  });
  return compiled(text)(checked, { partials: Object.fromEntries(watched) });
}

const handlebars = Handlebars.create();
const eachItem = handlebars.helpers['each'];
handlebars.registerHelper('eq', (left: unknown, right: unknown) => left === right);
handlebars.registerHelper('join', (list: unknown, separator: unknown, options: Handlebars.HelperOptions) =>
  listOf(list, 'join', options).join(String(separator)),
);
// The helper that comes with Handlebars renders nothing for a list that is missing.
handlebars.registerHelper('each', function (this: unknown, list: unknown, options: Handlebars.HelperOptions) {
  return eachItem?.call(this, listOf(list, 'each', options), options);
});

function listOf(value: unknown, helper: string, options: Handlebars.HelperOptions): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const node = { type: 'SubExpression', loc: locationOf(options) };
  throw new Handlebars.Exception(`{{${helper}}} got no list`, node);
}

const nowhere = { source: '', start: { line: 1, column: 0 }, end: { line: 1, column: 0 } };

/** Handlebars hands its place to every helper, and does not say so in its types. */
const locationOf = (options: Handlebars.HelperOptions): hbs.AST.SourceLocation =>
  'loc' in options && isLocation(options.loc) ? options.loc : nowhere;

const isLocation = (value: unknown): value is hbs.AST.SourceLocation =>
  typeof value === 'object' && value !== null && 'start' in value && 'end' in value;

const cache = new Map<string, Handlebars.TemplateDelegate>();

function compiled(text: string): Handlebars.TemplateDelegate {
  const known = cache.get(text);
  if (known) return known;
  const template = handlebars.compile(text, {
    strict: true,
    noEscape: true,
    knownHelpersOnly: true,
    knownHelpers: { each: true, if: true, unless: true, with: true, eq: true, join: true },
  });
  cache.set(text, template);
  return template;
}
