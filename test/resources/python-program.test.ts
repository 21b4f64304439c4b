import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { program as apiChecker } from '../../src/services/api-checker/names.ts';
import { watchProgram } from '../../src/services/keepalived/resources.ts';
import { root } from '../support/golden.ts';

test.each([watchProgram, apiChecker])('$path has on the host what it has here', async (program) => {
  const here = await readdir(`${root}templates/${program.template}`);
  expect(program.modules.map((name) => `${name}.py`).sort()).toEqual(
    here.filter((name) => name.endsWith('.py') && name !== '__main__.py').sort(),
  );
});

test('a program in a folder finds its modules although Python is told to look nowhere', async () => {
  const starts = promisify(execFile)('python3', [
    '-IB',
    `${root}templates/${watchProgram.template}`,
    '/no/such/configuration',
  ]);
  await expect(starts).rejects.toThrow(/No such file or directory: '\/no\/such\/configuration'/);
});
