import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LabOf, root } from './mcp.ts';

/** A deploy in a process of its own, and what it has told so far. */
export interface Deploying {
  readonly child: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly told: readonly string[];
  /** Resolves once it has told so many lines, or has ended. */
  hasTold(lines: number): Promise<void>;
}

export function deploying({ inventory: file }: LabOf, ...words: readonly string[]): Deploying {
  const child = spawn(`${root}bin/mcp`, ['deploy', '-i', file, '--yes', '--json', ...words], {
    cwd: root,
    env: { ...process.env, CI: 'true' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: string[] = [];
  let unfinished = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${unfinished}${text}`.split('\n');
    unfinished = lines.pop() ?? '';
    told.push(...lines);
  });
  const ended = once(child, 'close').then(([code, signal]) => signal ?? code);
  return {
    child,
    ended,
    told,
    async hasTold(lines) {
      let isOver = false;
      void ended.then(() => {
        isOver = true;
      });
      while (told.length < lines && !isOver) await sleep(5);
    },
  };
}
