import { afterEach, expect, test, vi } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { outputInto } from '../support/output.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

async function run(...argv: readonly string[]) {
  const lines: string[] = [];
  const exitCode = await runProgram(['node', 'mcp', ...argv], outputInto(lines));
  return { exitCode, lines };
}

test('an option that is given twice is refused: one of the two would be left out without a word', async () => {
  for (const argv of [
    ['validate', '-i', 'one.yaml', '-i', 'two.yaml'],
    ['render', '-i', 'one.yaml', '--out', 'here', '--out', 'there'],
    ['lock', 'show', '-i', 'one.yaml', '--inventory', 'two.yaml'],
  ]) {
    const { exitCode, lines } = await run(...argv);
    expect([exitCode, lines.join()]).toEqual([3, expect.stringContaining('is given twice')]);
  }
});

test('a shell whose folder is gone is told so', async () => {
  vi.spyOn(process, 'cwd').mockImplementation(() => {
    throw new Error('ENOENT: uv_cwd');
  });
  const { exitCode, lines } = await run('validate', '-i', 'lab.yaml');
  expect([exitCode, lines[0]]).toEqual([3, expect.stringContaining('the working folder of this shell')]);
});
