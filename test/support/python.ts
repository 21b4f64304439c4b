import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { root } from './golden.ts';

/** Runs lines of Python in place of the main part of one of our programs, and returns what they printed. */
export async function pythonOn(template: string, lines: string, preamble = ''): Promise<string> {
  const program = preamble + (await readFile(`${root}templates/${template}`, 'utf8'));
  const changed = program.replace(/if __name__ == "__main__":[\s\S]*/, lines);
  const { stdout } = await promisify(execFile)('python3', ['-c', changed]);
  return stdout.trim();
}
