import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { extendedFile, replacedFile } from '../../src/workflows/report-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-reports-'));
});
afterEach(() => rm(folder, { recursive: true }));

const text = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

test('a replaced file says at once that nothing is known yet, so that no earlier one is taken for it', async () => {
  await writeFile(join(folder, 'junit.xml'), 'of an earlier run');
  const file = await replacedFile(join(folder, 'junit.xml'), 'unended');
  expect(await text('junit.xml')).toBe('unended');
  await file.write('how it went');
  expect(await text('junit.xml')).toBe('how it went');
  expect(await readdir(folder)).toEqual(['junit.xml']);
});

test('others may read a report where umask lets them', async () => {
  const open = 0o666 & ~process.umask();
  await replacedFile(join(folder, 'junit.xml'), '');
  await extendedFile(join(folder, 'summary.md'));
  for (const name of ['junit.xml', 'summary.md'])
    expect((await stat(join(folder, name))).mode & 0o777).toBe(open);
});

test('a document is added to what is there, with an empty line between', async () => {
  await writeFile(join(folder, 'summary.md'), 'of an earlier step\n');
  const file = await extendedFile(join(folder, 'summary.md'));
  expect(await text('summary.md')).toBe('of an earlier step\n');
  await file.write('## how it went\n');
  await file.write('## and once more\n');
  expect(await text('summary.md')).toBe('of an earlier step\n\n## how it went\n\n## and once more\n');
});

test('a link stays, and what it leads to is written', async () => {
  await writeFile(join(folder, 'there.xml'), '');
  await symlink('there.xml', join(folder, 'link.xml'));
  const file = await replacedFile(join(folder, 'link.xml'), 'unended');
  await file.write('how it went');
  expect(await readlink(join(folder, 'link.xml'))).toBe('there.xml');
  expect(await text('there.xml')).toBe('how it went');
});

test('a pipe is written to, once, and no file is put in its place', async () => {
  const pipe = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  const reader = spawn('cat', [pipe]);
  const heard: string[] = [];
  reader.stdout.on('data', (words: Buffer) => heard.push(words.toString()));
  const ended = new Promise((resolve) => reader.once('close', resolve));
  const file = await replacedFile(pipe, 'unended');
  await file.write('how it went');
  await ended;
  expect(heard.join('')).toBe('how it went');
  expect((await stat(pipe)).isFIFO()).toBe(true);
});

test.each([
  ['a folder', () => folder],
  ['below a file', () => join(folder, 'file/below')],
  ['a folder that is not there', () => join(folder, 'missing/junit.xml')],
  ['no name', () => ''],
])('what can not be written is refused before anything is done: %s', async (_what, path) => {
  await writeFile(join(folder, 'file'), '');
  for (const open of [() => replacedFile(path(), ''), () => extendedFile(path())]) {
    await expect(open()).rejects.toMatchObject({
      code: 'invalid-arguments',
      message: expect.stringContaining("can't be written: "),
    });
  }
  expect(await readdir(folder)).toEqual(['file']);
});

test('a disk that is full at the end is told as such', async () => {
  for (const file of [await replacedFile('/dev/full', ''), await extendedFile('/dev/full')]) {
    await expect(file.write('how it went')).rejects.toMatchObject({
      message: "/dev/full can't be written: no space left on the device",
    });
  }
});
