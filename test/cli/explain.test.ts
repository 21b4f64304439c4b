import { expect, test } from 'vitest';
import { explainable } from '../../src/workflows/explain.ts';
import { inventorySchemaText } from '../../src/workflows/inventory-schema.ts';
import { workingFolder } from '../support/working-folder.ts';

async function explain(...argv: readonly string[]) {
  await using shell = await workingFolder();
  const { exitCode, lines } = await shell.mcp(['explain', ...argv]);
  return { exitCode, text: lines.join('\n') };
}

test('a setting: what may be written, what holds without it, what it is for, and where it may be said', async () => {
  const { exitCode, text } = await explain('services.galera.maxConnections');
  expect(exitCode).toBe(0);
  expect(text).toContain('services.galera.maxConnections: a whole number, 100 to 8000; by default 4096');
  expect(text).toContain('Sessions a member accepts.');
});

test('a name that the operator chose stands for any', async () => {
  const { text } = await explain('machines.ctl01.ssh');
  expect(text).toBe((await explain('machines.*.ssh')).text);
  for (const place of ['said at: ssh', 'machines.*.ssh', 'machines.*.nodes.*.ssh'])
    expect(text).toContain(place);
});

test.each(['own-http', 'own-files', 'haproxy'])(
  'nothing of %s may be said of one machine, and no place there is named',
  async (service) => {
    expect((await explain(`services.${service}`)).text).not.toContain('machines.*');
    expect((await explain('services.nova')).text).toContain('machines.*.services.nova');
  },
);

test('without a path, every section; with --json, the same as data', async () => {
  const { text } = await explain();
  expect(text).toMatch(/^ {2}machines: a mapping by name; required$/m);
  // Only where the release stands nowhere else.
  expect(text).toMatch(/^ {2}lab: a mapping$/m);
  expect(text.match(/^ {2}platform:/gm)).toHaveLength(1);
  expect(text).not.toContain('anything');
  const { path, saidAt, settings } = JSON.parse((await explain('platform', '--json')).text);
  expect({ path, saidAt, names: settings.map(({ name }: { name: string }) => name) }).toEqual({
    path: 'platform',
    saidAt: ['platform', 'machines.*.platform', 'machines.*.nodes.*.platform'],
    names: ['distribution', 'release'],
  });
});

test.each([
  ['services.galra', 'did you mean services.galera?'],
  ['galera', 'did you mean services.galera?'],
  ['galera.bufferPoolSiz', 'did you mean services.galera?'],
  ['bufferPoolSize', 'did you mean services.galera.bufferPoolSize?'],
  ['machines.ctl01.adresses', 'did you mean machines.*.addresses?'],
  ['cloud.name', 'cloud has no settings below it'],
  ['nothing-like-it', 'use one of format, cloud'],
  ['machines.', 'machines has no setting without a name'],
  ['__proto__', 'an inventory has no __proto__'],
  ['services.constructor', 'services has no constructor'],
])('%s: 3, and what was meant', async (path, words) => {
  expect(await explain(path)).toEqual({ exitCode: 3, text: expect.stringContaining(words) });
});

test('every path of the schema can be explained', async () => {
  const paths = explainable();
  expect(paths.length).toBeGreaterThan(200);
  for (const path of paths.filter((_path, index) => index % 20 === 0)) {
    expect((await explain(path)).exitCode).toBe(0);
  }
});

test('the schema for editors is printed whole', async () => {
  expect(`${(await explain('--schema')).text}\n`).toBe(inventorySchemaText());
});
