import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { programWith } from '../../src/model/shell-program.ts';
import { root } from '../support/golden.ts';

const run = (program: string) => spawnSync('sh', { input: program, encoding: 'utf8' });

test('whatever a value or a word holds, the program gets it and the shell runs none of it', () => {
  const strange = 'a "b" $(echo c) `d` \\n\n * it\'s';
  const program = programWith('for word; do printf "%s|" "$word" "$value"; done\n', {
    values: { value: strange },
    words: ['', strange],
  });
  expect(run(program).stdout).toBe(`|${strange}|${strange}|${strange}|`);
});

test('a program that misses a value says which, and does nothing', () => {
  const { status, stdout, stderr } = run(programWith(`: "\${unit:?}"\necho acts\n`, {}));
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('unit');
});

test('no program uses braces or pairs of dollars in what it hands to systemd-run, which would fill them in', async () => {
  const files = (await readdir(`${root}src/execute`)).filter((name) => name.endsWith('.sh'));
  const inner = await Promise.all(
    files.map(async (name) => {
      const text = await readFile(`${root}src/execute/${name}`, 'utf8');
      return [...text.matchAll(/systemd-run[^']*sh -c '([^']*)'/g)].map(([, words = '']) => words);
    }),
  );
  expect(inner.flat()).toHaveLength(2);
  for (const words of inner.flat()) expect(words).not.toMatch(/\$\{|\$\$/);
});
