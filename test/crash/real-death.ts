import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Point } from './controller.ts';
import type { Stage } from './crash.ts';

/** Kills a process of its own at the point, with SIGKILL. */
export async function strikeForReal({ cloud, scenario }: Stage, point: Point): Promise<boolean> {
  const words = ['--import', 'tsx', '--import', './bin/load-shell.mjs', 'test/crash/doomed-run.ts'];
  const child = spawn(process.execPath, [...words, cloud.root, scenario.name, JSON.stringify(point)], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const signal = await new Promise((resolve) => child.on('exit', (_code, by) => resolve(by)));
  while (shellsOf(cloud.root).length > 0) await pause(10);
  return signal === 'SIGKILL';
}

/** Processes that hosts of a cloud run. */
const shellsOf = (root: string): readonly string[] =>
  readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && environmentOf(pid).includes(`LAB=${root}\0`));

function environmentOf(pid: string): string {
  try {
    return readFileSync(join('/proc', pid, 'environ'), 'utf8');
  } catch {
    // It has ended, or is somebody else's.
    return '';
  }
}
