import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { releases } from '../../src/model/release.ts';

/** A checkout whose scripts are ours, and in which everything that they start only notes which release it was told. */
let checkout = '';
const notes = () => readFileSync(join(checkout, 'notes'), 'utf8').split('\n').filter(Boolean);

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'mcp-bin-'));
  for (const folder of ['bin', 'path', 'dist/cli']) mkdirSync(join(checkout, folder), { recursive: true });
  for (const script of ['demo', 'test', 'release']) cpSync(`bin/${script}`, join(checkout, 'bin', script));
  writeFileSync(join(checkout, 'notes'), '');
  writeFileSync(join(checkout, 'dist/cli/main.js'), '');
  writeFileSync(join(checkout, 'bin/count-results'), '');
  for (const started of ['bin/prepare', 'bin/mcp', 'path/npm', 'path/npx']) {
    program(started, `echo "${started} $* on \${RELEASE:-nothing}" >>'${checkout}/notes'`);
  }
  // As Debian configures it: what is not named is not passed on.
  program('path/sudo', 'env -u RELEASE "$@"\nexit $?');
});
afterEach(() => rmSync(checkout, { recursive: true }));

function program(name: string, text: string): void {
  writeFileSync(join(checkout, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(checkout, name), 0o755);
}

function run(words: readonly string[], release?: string) {
  const { RELEASE: _ours, ...others } = process.env;
  const env = {
    ...others,
    PATH: `${checkout}/path:${process.env['PATH']}`,
    ...(release === undefined ? {} : { RELEASE: release }),
  };
  const [name = '', ...rest] = words;
  const { status, stderr } = spawnSync(name, rest, { cwd: checkout, env, encoding: 'utf8' });
  return { status, stderr };
}

test.each(releases)('the demo and the tests run on %s where RELEASE names it', (release) => {
  expect(run(['bin/demo'], release).status).toBe(0);
  expect(notes()).toContain(`bin/mcp lab up -i inventories/lab.yaml on ${release}`);
  expect(run(['bin/test'], release).status).toBe(0);
  const tests = notes().filter((each) => each.includes('vitest run --project lab'));
  expect(tests).toEqual([expect.stringMatching(`on ${release}$`)]);
});

test.each(['demo', 'test'])('bin/%s leaves it to the program where RELEASE names none', (script) => {
  expect(run([`bin/${script}`]).status).toBe(0);
  expect(notes().filter((each) => !each.endsWith('on nothing'))).toEqual([]);
});

test('what sudo was told holds, though it passes nothing on', () => {
  expect(run(['path/sudo', 'bin/demo'], 'trixie').status).toBe(0);
  expect(notes()).toContain('bin/mcp lab up -i inventories/lab.yaml on trixie');
});

test.each(['bin/demo', 'bin/test', 'path/sudo bin/demo'])(
  'a RELEASE that is none is refused in one sentence, before anything is done: %s',
  (line) => {
    expect(run(line.split(' '), 'jessie')).toEqual({
      status: 3,
      stderr:
        'RELEASE=jessie names no release of Debian that mcp deploys to: set it to bookworm or trixie, or unset it.\n',
    });
    expect(notes()).toEqual([]);
  },
);

test('bin/prepare, which npm runs before tests on the lab, refuses it as well', () => {
  expect(() =>
    execFileSync(resolve('bin/prepare'), { env: { ...process.env, RELEASE: 'jessie' }, stdio: 'pipe' }),
  ).toThrow('RELEASE=jessie names no release');
});
