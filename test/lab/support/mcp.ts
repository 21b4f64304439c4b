import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly output: string;
}

/** Runs `bin/mcp` as an operator would and waits for its end. */
export const mcp = (...words: readonly string[]): Promise<Outcome> => command(`${root}bin/mcp`, words);

/** Runs a program to its end, without standard input. */
export async function command(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  const child = spawn(program, words, {
    cwd: root,
    env: { ...process.env, CI: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const parts: { stream: 'stdout' | 'stderr'; text: string }[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => parts.push({ stream: 'stdout', text }));
  child.stderr.setEncoding('utf8').on('data', (text: string) => parts.push({ stream: 'stderr', text }));
  const [code] = await once(child, 'close');
  const joined = (stream?: 'stdout' | 'stderr') =>
    parts
      .filter((part) => stream === undefined || part.stream === stream)
      .map(({ text }) => text)
      .join('');
  return {
    exitCode: typeof code === 'number' ? code : -1,
    stdout: joined('stdout'),
    stderr: joined('stderr'),
    output: joined(),
  };
}

/** Like `mcp`, but anything other than exit code 0 fails the test with the whole output. */
export async function mustSucceed(...words: readonly string[]): Promise<Outcome> {
  const outcome = await mcp(...words);
  if (outcome.exitCode !== 0)
    throw new Error(`mcp ${words.join(' ')} exited ${outcome.exitCode}:\n${outcome.output}`);
  return outcome;
}

/** A lab of one inventory, looked at from the hosts themselves. */
export interface LabOf {
  readonly inventory: string;
  mcp(verb: string, ...words: readonly string[]): Promise<Outcome>;
  must(verb: string, ...words: readonly string[]): Promise<Outcome>;
  /** Runs a line of sh on a host and returns what it printed; throws when it fails. */
  on(host: string, line: string): Promise<string>;
}

export function labOf(inventory: string): LabOf {
  const withInventory = (verb: string, words: readonly string[]) => [
    ...verb.split(' '),
    '-i',
    inventory,
    ...words,
  ];
  return {
    inventory,
    mcp: (verb, ...words) => mcp(...withInventory(verb, words)),
    must: (verb, ...words) => mustSucceed(...withInventory(verb, words)),
    async on(host, line) {
      const { stdout } = await mustSucceed('lab', 'exec', '-i', inventory, host, '--', line);
      return stdout.trim();
    },
  };
}
