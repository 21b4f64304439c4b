import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { workingFolder } from '../support/working-folder.ts';

const reference = new URL('../../inventories/reference.yaml', import.meta.url);

/** What is offered for the last word of a line, in a folder whose inventory says `text`. */
async function offered(line: string, text?: string): Promise<readonly string[]> {
  await using shell = await workingFolder();
  if (text !== undefined) await writeFile('inventory.yaml', text);
  const { exitCode, lines } = await shell.mcp(['__complete', '--', ...line.split(' ')]);
  expect([exitCode, lines.length]).toEqual([0, 1]);
  return (lines[0] ?? '').split('\n').map((each) => each.split('\t')[0] ?? '');
}

test.each([
  ['dep', ['deploy', ':none']],
  ['lock ', ['show', 'break', 'help', ':none']],
  ['topology --format ', ['svg', 'mermaid', 'text', ':none']],
  ['topology --format=s', ['--format=svg', ':none']],
  ['topology --format = m', ['mermaid', ':none']],
  ['plan --ov', ['--overwrite-drift', ':none']],
  ['plan --diff --di', [':none']],
  ['validate -i ', [':files']],
  ['render --out ', [':dirs']],
  ['completion f', ['fish', ':none']],
  ['explain machines.*.ad', ['machines.*.addresses', ':more']],
  ['nothing of ours ', [':none']],
  ['__comp', [':none']],
])('%j without an inventory', async (line, words) => {
  expect(await offered(line)).toEqual(words);
});

test.each([
  ['maintenance enter ctl', ['ctl01', 'ctl02', 'ctl03']],
  ['deploy --allow-unreachable ctl01 ctl', ['ctl02', 'ctl03']],
  ['deploy --limit=ctl03', ['--limit=ctl03']],
  ['recover --from dbs', ['dbs01', 'dbs02', 'dbs03']],
  ['lab power-off kvm', ['kvm01', 'kvm02', 'kvm03']],
  ['certs renew ', ['control', 'public']],
  ['failover-drill galera-writer-k', ['galera-writer-killed']],
  ['secrets rotate keystone.a', ['keystone.admin']],
])('%j with the names of an inventory', async (line, words) => {
  const text = await readFile(reference, 'utf8');
  expect((await offered(line, text)).slice(0, -1)).toEqual(words);
});

test('a broken inventory is no reason to complain, and what can be read of it is offered', async () => {
  expect(await offered('maintenance enter ', 'machines: [')).toEqual([':none']);
  const text = await readFile(reference, 'utf8');
  const broken = text.replace('routerId: 51', 'routerId: none');
  expect(await offered('maintenance enter ctl', broken)).toEqual(['ctl01', 'ctl02', 'ctl03', ':none']);
  expect(await offered('failover-drill ', broken)).toEqual([':none']);
});

test('what the shells ask with is printed, with where to put it', async () => {
  await using shell = await workingFolder();
  for (const name of ['bash', 'zsh', 'fish']) {
    const { exitCode, lines } = await shell.mcp(['completion', name]);
    expect([exitCode, lines.join()]).toEqual([0, expect.stringContaining('__complete -- ')]);
  }
});
