import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LabOf, labOf, type Outcome, root } from './mcp.ts';

/** The same lab for somebody who sits at a terminal and types `password` whenever something asks for one. */
export function labAtTerminal(inventory: string, password: string): LabOf {
  const typed = async (verb: string, ...words: readonly string[]) =>
    atTerminal([`${root}bin/mcp`, ...verb.split(' '), '-i', inventory, ...words], password);
  return {
    ...labOf(inventory),
    mcp: typed,
    async must(verb, ...words) {
      const outcome = await typed(verb, ...words);
      if (outcome.exitCode === 0) return outcome;
      throw new Error(`mcp ${verb} ${words.join(' ')} exited ${outcome.exitCode}:\n${outcome.output}`);
    },
  };
}

/**
 * Runs a program with a terminal as its standard input, on which `line` was typed before anything asked: a terminal keeps
 * it until somebody reads. What it prints goes elsewhere, for whoever reads that expects no screen.
 */
async function atTerminal(words: readonly string[], line: string): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-terminal-'));
  const [out, err] = [join(folder, 'out'), join(folder, 'err')];
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  // For `script` the command is one line of sh; it ends with the exit code of that.
  const child = spawn('script', ['-q', '-e', '-c', `exec ${quoted} >${out} 2>${err}`, '/dev/null'], {
    cwd: root,
    env: { ...process.env, CI: 'true', SHELL: '/bin/sh' },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  // It stays open: the end of it would be the end of the terminal.
  child.stdin.write(`${line}\n`);
  child.stdin.on('error', () => undefined);
  const [code] = await once(child, 'close');
  const [stdout, stderr] = await Promise.all([out, err].map((file) => readFile(file, 'utf8')));
  await rm(folder, { recursive: true });
  return {
    exitCode: typeof code === 'number' ? code : -1,
    stdout: stdout ?? '',
    stderr: stderr ?? '',
    output: `${stderr}${stdout}`,
  };
}
