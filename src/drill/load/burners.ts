import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { besideTheLab } from '../../lab/index.ts';

/** Something else that keeps every core of this machine busy. */
export interface Burners {
  readonly count: number;
  stop(): Promise<void>;
}

/** Two busy loops for each core, so that everything else has to fight for its turn; gone after `seconds` in any case. */
export function startBurners(seconds: number): Burners {
  const loops = Array.from({ length: 2 * availableParallelism() }, () => startLoop(seconds));
  const ended = loops.map((loop) => once(loop, 'exit'));
  return {
    count: loops.length,
    async stop() {
      for (const loop of loops) loop.kill('SIGTERM');
      await Promise.all(ended);
    },
  };
}

function startLoop(seconds: number): ChildProcess {
  const busy = [process.execPath, '-e', 'for (;;);'];
  const [program = '', ...words] = [...besideTheLab(), 'timeout', `${Math.ceil(seconds)}`, ...busy];
  return spawn(program, words, { stdio: 'ignore' });
}
