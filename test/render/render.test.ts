import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { McpError } from '../../src/model/failure.ts';
import type { Override } from '../../src/model/inventory.ts';
import { multiline } from '../../src/model/multiline.ts';
import { Secret } from '../../src/model/secret.ts';
import { loadTemplates, renderFor } from '../../src/render/index.ts';
import { hostNamed } from '../support/topology.ts';

const host = hostNamed('ctl01', { address: '10.77.0.11', roles: ['control', 'database'] });

const rendered = (text: string, values: object, overrides: readonly Override[] = []): string =>
  renderFor(new Map([['svc/file.hbs', text]]), overrides, host)('svc/file.hbs', values);

const failureOf = (act: () => unknown): Partial<McpError> => {
  try {
    act();
  } catch (failure) {
    return failure as McpError;
  }
  throw new Error('it did not fail');
};

test('a secret is revealed in the rendered text only', () => {
  expect(rendered('password {{password}}', { password: new Secret('s3cret&"') })).toBe('password s3cret&"');
});

test('a value that is missing is an error that names template and value', () => {
  const failure = failureOf(() => rendered('bind {{addres}}', { address: '10.0.0.1' }));
  expect(failure.code).toBe('invalid-template');
  expect(failure.message).toMatch(/svc\/file\.hbs.*addres/);
});

test('a list that is missing is an error too', () => {
  expect(failureOf(() => rendered('{{#each servers}}x{{/each}}', {})).code).toBe('invalid-template');
});

test.each([
  ['newline', 'a\nuser root'],
  ['carriage return', 'a\rb'],
  ['NUL', 'a\0b'],
  ['line separator', 'a\u2028b'],
])('a value with a %s is refused and named, wherever it is nested', (_name, value) => {
  const failure = failureOf(() => rendered('x', { servers: [{ name: 'ok' }, { name: value }] }));
  expect(failure.code).toBe('invalid-template');
  expect(failure.message).toContain('servers.1.name');
});

test('a secret with a newline is refused without being shown', () => {
  const failure = failureOf(() => rendered('x', { key: new Secret('hunter2\nroot') }));
  expect(failure.message).not.toContain('hunter2');
});

test('a text handed over as multiline may hold newlines', () => {
  expect(rendered('{{pem}}', { pem: multiline(new Secret('a\nb\n')) })).toBe('a\nb\n');
});

test('lists are joined and values compared', () => {
  const text = '{{join hosts ", "}}{{#if (eq kind "http")}} http{{/if}}{{#unless tls}} plain{{/unless}}';
  expect(rendered(text, { hosts: ['a', 'b'], kind: 'http', tls: false })).toBe('a, b http plain');
});

test('a program is taken letter for letter, and so is what stands in for it', () => {
  const text = 'print({{"a": 1}})\n';
  const programs = new Map([['svc/tool/__main__.py', text]]);
  expect(renderFor(programs, [], host)('svc/tool/__main__.py', {})).toBe(text);
  const what = {
    kind: 'replace-template',
    template: 'svc/tool/__main__.py',
    content: 'print({{b}})',
  } as const;
  const replaced = renderFor(programs, [{ scope: { kind: 'all' }, what, source: '/o/__main__.py' }], host);
  expect(replaced('svc/tool/__main__.py', {})).toBe('print({{b}})');
});

test("an operator's replacement of a template is used, the narrowest first", () => {
  const replacement = (scope: Override['scope'], content: string): Override => ({
    scope,
    what: { kind: 'replace-template', template: 'svc/file', content },
    source: '/inventory/overrides/file.hbs',
  });
  const overrides = [
    replacement({ kind: 'host', host: 'ctl01' }, 'of the host'),
    replacement({ kind: 'all' }, 'of all'),
    replacement({ kind: 'host', host: 'ctl02' }, 'of another'),
  ];
  expect(rendered('ours', {}, overrides)).toBe('of the host');
});

test('a mistake in a replacement is told with its place in the file that the operator wrote', () => {
  const what = { kind: 'replace-template', template: 'svc/file.hbs', content: 'a\nbind {{addres}}' } as const;
  const failure = failureOf(() =>
    rendered('', { address: '10.0.0.1' }, [{ scope: { kind: 'all' }, what, source: '/o/file.hbs' }]),
  );
  expect(failure.details?.diagnostics).toEqual([
    expect.objectContaining({ file: '/o/file.hbs', line: 2, column: 8, hint: 'did you mean address?' }),
  ]);
});

test('every template of the program says who writes its file, where the file can have comments', async () => {
  const templates = await loadTemplates(fileURLToPath(new URL('../../templates', import.meta.url)));
  const commentable = [...templates].filter(
    ([name]) => !name.startsWith('shared/') && !/\.(json|cookie|key)\.hbs$/.test(name),
  );
  for (const [name, text] of commentable) {
    expect(text, name).toContain('Written by mcp from');
  }
});
