import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, expect, test, vi } from 'vitest';
import { workingFolder } from '../support/working-folder.ts';

let valid = '';
beforeAll(async () => {
  valid = await readFile(new URL('../../inventories/three.yaml', import.meta.url), 'utf8');
});

test.each(['inventory.yaml', 'cloud.yaml'])('%s of the working folder is found, and named', async (name) => {
  await using shell = await workingFolder();
  await writeFile(name, valid);
  const { exitCode, lines } = await shell.mcp(['validate']);
  expect([exitCode, lines[0]]).toEqual([0, `inventory: ${name}, found in this folder`]);
});

test('MCP_INVENTORY goes before the working folder, and -i before both', async () => {
  await using shell = await workingFolder();
  await writeFile('inventory.yaml', 'broken');
  await writeFile('one.yaml', valid);
  vi.stubEnv('MCP_INVENTORY', 'one.yaml');
  expect(await shell.mcp(['validate'])).toMatchObject({
    exitCode: 0,
    lines: expect.arrayContaining(['inventory: one.yaml, from MCP_INVENTORY']),
  });
  vi.stubEnv('MCP_INVENTORY', 'not-there.yaml');
  const { exitCode, lines } = await shell.mcp(['validate', '-i', 'one.yaml']);
  expect([exitCode, lines.join()]).toEqual([0, expect.not.stringContaining('inventory: ')]);
});

test('two of them in one folder are refused: neither is more meant than the other', async () => {
  await using shell = await workingFolder();
  await writeFile('inventory.yaml', valid);
  await writeFile('cloud.yaml', valid);
  const { exitCode, lines } = await shell.mcp(['validate']);
  expect([exitCode, lines.join()]).toEqual([
    3,
    expect.stringContaining('-i inventory.yaml, or -i cloud.yaml'),
  ]);
});

test('where there is none, all that was looked for is listed', async () => {
  await using shell = await workingFolder();
  const { exitCode, lines } = await shell.mcp(['topology']);
  expect(exitCode).toBe(3);
  for (const word of ['-i', 'MCP_INVENTORY', './inventory.yaml', './cloud.yaml', 'mcp init']) {
    expect(lines.join()).toContain(word);
  }
});

test('who reads JSON gets nothing beside it', async () => {
  await using shell = await workingFolder();
  await shell.mcp([
    ...['init', '--machines', '3', '--cloud', 'blue', '--domain', 'cloud.example.org'],
    ...['--management', '10.20.0.0/24:bond0'],
  ]);
  for (const verb of ['secrets', 'certs']) await shell.mcp([verb, 'init']);
  const { lines } = await shell.mcp(['certs', 'show', '--json']);
  expect(JSON.parse(lines.join('\n'))).toHaveLength(2);
});

test('show: a file of that name is a plan; any other name is a run, of the inventory that is found', async () => {
  await using shell = await workingFolder();
  await writeFile('last', 'no plan');
  expect((await shell.mcp(['show', 'last'])).lines.join()).toContain('last is no plan');
  const { exitCode, lines } = await shell.mcp(['show', 'first']);
  expect([exitCode, lines.join()]).toEqual([3, expect.stringContaining('for a run its inventory with -i')]);
  await writeFile('inventory.yaml', 'broken');
  expect((await shell.mcp(['show', 'first'])).lines[0]).toContain('inventory: inventory.yaml');
});
