import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sampleProcesses, searchFolder, searchTexts } from '../lab/support/secret-search.ts';

const planted = 'Zq7planted0secret1Xy';
const wanted = {
  'galera.root': planted,
  'vip.key': `-----BEGIN KEY-----\nMIIBplantedplanted\n-----END KEY-----\n`,
};

test.each([
  ['as it is', `password=${planted}`],
  ['in base64, as an Authorization header has it', Buffer.from(`${planted}`).toString('base64')],
  ['a line of a key', 'x MIIBplantedplanted y'],
])('a planted secret is found %s', (_how, text) => {
  const { leaks } = searchTexts(wanted, { 'a log': text });
  expect(leaks.map(({ place }) => place)).toEqual(['a log']);
});

test('a text without it is clean, and counted as searched', () => {
  expect(searchTexts(wanted, { 'a log': 'password=***' })).toEqual({ leaks: [], places: 1, characters: 12 });
});

test('a planted secret is found in a file deep in a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'secret-search-'));
  await writeFile(join(folder, 'events.jsonl'), `{"a":"${planted}"}\n`);
  await writeFile(join(folder, 'clean'), 'nothing');
  const { leaks, places } = await searchFolder(wanted, folder);
  expect(leaks).toEqual([{ secret: 'galera.root', place: join(folder, 'events.jsonl') }]);
  expect(places).toBe(2);
});

test.each([
  ['argv', [planted], {}],
  ['environment', [], { PLANTED: planted }],
])('a planted secret is found in the %s of a process', async (_where, words, env) => {
  const sampling = sampleProcesses(wanted);
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 10000)', ...words], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'ignore',
  });
  await sleep(500);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const { leaks, places } = await sampling.finish();
  expect(leaks.map(({ secret }) => secret)).toContain('galera.root');
  expect(places).toBeGreaterThan(1);
});
