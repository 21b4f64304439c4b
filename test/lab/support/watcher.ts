import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { root } from './mcp.ts';

/** A process of its own that watches from inside a lab's network until it is told to end. */
export interface Watcher<Seen> {
  finish(): Promise<Seen>;
}

/** One that says something of itself when it begins. */
export interface ReadyWatcher<Seen> extends Watcher<Seen> {
  readonly ready: string;
}

/** Runs a file of the tests, given by its path, in the namespace; `input` is the first that it reads. */
export function startInNamespace(
  namespace: string,
  words: readonly string[],
  input = '',
): ChildProcessByStdio<Writable, Readable, null> {
  const imports = ['--import', 'tsx', '--import', `${root}bin/load-shell.mjs`];
  const child = spawn('nsenter', [`--net=/run/netns/${namespace}`, process.execPath, ...imports, ...words], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (input !== '') child.stdin.write(input);
  return child;
}

/** The watcher says one line when it is ready; once its input ends it prints what it saw, as JSON, and ends. */
export async function readyWatcher<Seen>(
  child: ChildProcessByStdio<Writable, Readable, null>,
): Promise<ReadyWatcher<Seen>> {
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(child, 'close').then(([code]) => {
    throw new Error(`a watcher ended with ${code} before it was ready`);
  });
  while (!said.includes('\n')) await Promise.race([once(child.stdout, 'data'), ended]);
  ended.catch(() => undefined);
  return {
    ready: said.trim(),
    async finish() {
      child.stdin.end();
      await once(child, 'close');
      const [, seen = ''] = said.trim().split('\n');
      return JSON.parse(seen);
    },
  };
}
