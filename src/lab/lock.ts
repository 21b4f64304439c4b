import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { McpError } from '../model/failure.ts';

const patienceSeconds = 600;

/**
 * Does the work while holding the lock of a file, so that two commands on one lab don't meet. The kernel drops the lock
 * when this process ends, however it ends: a small flock(1) child holds it for as long as our end of a pipe is open.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const holder = spawn(
    'flock',
    ['--timeout', `${patienceSeconds}`, file, 'sh', '-c', 'echo held; exec cat'],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
      // A Ctrl-C reaches the whole process group: the lock must outlive it until our work has ended.
      detached: true,
    },
  );
  const ended = once(holder, 'exit');
  const isHeld = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!isHeld) throw await heldByAnother(file);
  try {
    await writeFile(
      file,
      `${process.pid} ${process.argv.slice(2).join(' ')} since ${new Date().toISOString()}\n`,
    );
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}

async function heldByAnother(file: string): Promise<McpError> {
  const holder = await readFile(file, 'utf8').catch(() => 'unknown');
  return new McpError(
    'locked',
    `another command has worked on the lab for ${patienceSeconds} s: process ${holder.trim()}`,
    {
      hint: 'wait for it, or end that process',
    },
  );
}
