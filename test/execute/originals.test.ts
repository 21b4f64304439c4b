import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import putBackText from '../../src/execute/put-back.sh';
import removeText from '../../src/execute/remove-files.sh';
import swapText from '../../src/execute/swap-files.sh';
import { programWith } from '../../src/model/shell-program.ts';
import { sha256 } from '../../src/resources/index.ts';

// The programs that put files of ours on a host and take them away, run for real in a folder of this machine.
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mcp-originals-'));
  mkdirSync(join(root, 'etc'));
  mkdirSync(join(root, 'state', 'units'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (name: string): string => join(root, 'etc', name);
const state = (): string => join(root, 'state');
const group = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim();
const run = (program: string): void => void execFileSync('sh', ['-s'], { input: program });

function swap(name: string, content: string, runName: string): void {
  const folder = join(root, runName);
  const path = at(name);
  mkdirSync(dirname(`${folder}/stage${path}`), { recursive: true });
  mkdirSync(join(folder, 'before'));
  writeFileSync(`${folder}/stage${path}`, content);
  const values = {
    ...{ folder, state: state(), forgets: '' },
    files: `0644 ${userInfo().username} ${group} ${path}`,
    hashes: `${sha256(content)}  ${path}`,
  };
  run(programWith(swapText, { values, words: [path] }));
}

const remove = (name: string, runName: string): void =>
  run(
    programWith(putBackText + removeText, {
      values: { folder: join(root, runName), state: state(), directories: '' },
      words: [at(name)],
    }),
  );

/** What an interruption leaves: the file is in place, and no hash is recorded for it. */
const forgetHashes = (): void => writeFileSync(join(state(), 'files'), '');

test('what was there before us is put back, whatever was cut off in between', () => {
  writeFileSync(at('hosts'), 'theirs\n');
  swap('hosts', 'ours 1\n', 'r1');
  forgetHashes();
  swap('hosts', 'ours 2\n', 'r2');
  remove('hosts', 'r3');
  expect(readFileSync(at('hosts'), 'utf8')).toBe('theirs\n');
});

test('a file that was ours from the beginning never comes back as an original', () => {
  swap('nova.conf', 'password 1\n', 'r1');
  forgetHashes();
  swap('nova.conf', 'password 2\n', 'r2');
  remove('nova.conf', 'r3');
  expect(existsSync(at('nova.conf'))).toBe(false);
});

test('a removal that is done once more leaves what it has put back', () => {
  writeFileSync(at('chrony.conf'), 'theirs\n');
  swap('chrony.conf', 'ours\n', 'r1');
  const recorded = readFileSync(join(state(), 'files'), 'utf8');
  const original = readFileSync(join(state(), 'originals', at('chrony.conf')), 'utf8');
  remove('chrony.conf', 'r2');
  // Cut off before the list of files was settled: everything is as it was, but for the file itself.
  writeFileSync(join(state(), 'files'), recorded);
  writeFileSync(join(state(), 'originals', at('chrony.conf')), original);
  remove('chrony.conf', 'r3');
  expect(readFileSync(at('chrony.conf'), 'utf8')).toBe('theirs\n');
});

test('of a host that an earlier version set up nothing of ours is taken for an original', () => {
  writeFileSync(at('nginx.conf'), 'ours of an earlier version\n');
  writeFileSync(join(state(), 'files'), `${'0'.repeat(64)}  ${at('nginx.conf')}\n`);
  swap('nginx.conf', 'ours\n', 'r1');
  remove('nginx.conf', 'r2');
  expect(existsSync(at('nginx.conf'))).toBe(false);
});
