import Handlebars from 'handlebars';
import { McpError } from '../model/failure.ts';
import type { Host } from '../model/host.ts';
import type { Override } from '../model/inventory.ts';
import type { Render } from '../model/service.ts';
import { applyTo } from './scope.ts';
import { isPlain, type Templates, templateName } from './templates.ts';
import { valuesFor } from './values.ts';

/**
 * A `Render` for one host: its operator's replacements of whole templates are used in place of ours. Throws McpError
 * `invalid-template` for a replacement of nothing, for a template that does not compile or names a value that is not
 * there, and for a value that would add a line.
 */
export function renderFor(templates: Templates, overrides: readonly Override[], host: Host): Render {
  const effective = new Map(templates);
  for (const override of applyTo(overrides, host)) {
    if (override.what.kind !== 'replace-template') continue;
    const name = templateName(override.what.template);
    if (!templates.has(name)) throw noSuchTemplate(name, templates, override.source);
    effective.set(name, override.what.content);
  }
  const partials = partialsIn(effective);
  return (template, values) => {
    const name = templateName(template);
    const text = effective.get(name);
    if (text === undefined) throw noSuchTemplate(name, templates);
    if (isPlain(name)) return text;
    const checked = valuesFor(name, values);
    try {
      return compiled(text)(checked, { partials });
    } catch (cause) {
      throw new McpError('invalid-template', `${name}: ${firstLine(cause)}`, { host: host.name, cause });
    }
  };
}

/** What several services say in the same words is a template of its own: `{{> shared/database}}`. */
function partialsIn(templates: Templates): Record<string, Handlebars.TemplateDelegate> {
  const shared = [...templates].filter(([name]) => name.startsWith('shared/'));
  return Object.fromEntries(shared.map(([name, text]) => [name.replace(/\.hbs$/, ''), compiled(text)]));
}

function noSuchTemplate(name: string, templates: Templates, source?: string): McpError {
  const folder = name.slice(0, name.indexOf('/') + 1);
  const known = [...templates.keys()].filter((other) => other.startsWith(folder)).join(', ');
  const who = source === undefined ? '' : `${source}: `;
  return new McpError('invalid-template', `${who}there is no template ${name}`, {
    hint:
      known === ''
        ? 'Name a template as SERVICE/FILE.hbs, and a program as SERVICE/FILE.py or SERVICE/FILE.sh.'
        : `Name one of ${known}.`,
  });
}

const handlebars = Handlebars.create();
const eachItem = handlebars.helpers['each'];
handlebars.registerHelper('eq', (left: unknown, right: unknown) => left === right);
handlebars.registerHelper('join', (list: unknown, separator: unknown) =>
  listOf(list, 'join').join(String(separator)),
);
// The helper that comes with Handlebars renders nothing for a list that is missing.
handlebars.registerHelper('each', function (this: unknown, list: unknown, options: Handlebars.HelperOptions) {
  return eachItem?.call(this, listOf(list, 'each'), options);
});

function listOf(value: unknown, helper: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`{{${helper}}} got no list`);
  return value;
}

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

const firstLine = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split('\n').slice(0, 4).join(' ');
