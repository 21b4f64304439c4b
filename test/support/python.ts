import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { root } from './golden.ts';

/** Runs lines of Python that import from the modules of one of our programs, and returns what they printed. */
export async function pythonOn(program: string, lines: string): Promise<string> {
  const { stdout } = await promisify(execFile)('python3', ['-B', '-c', lines], {
    env: { ...process.env, PYTHONPATH: `${root}templates/${program}` },
  });
  return stdout.trim();
}
