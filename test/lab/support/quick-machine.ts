import { execFileSync } from 'node:child_process';

/**
 * For what the long tests do as well, and bin/test only on a machine that gets through it in its hour: where it takes three
 * milliseconds beside a lab to start a process (one in a guest of a guest, say; usual is one), a deploy takes two to three
 * times as long.
 */
export const isQuickMachine = (): boolean => {
  const milliseconds = Math.min(...Array.from({ length: 5 }, millisecondsForOne));
  const isQuick = milliseconds < slowMilliseconds;
  if (!isQuick)
    console.log(
      `this machine takes ${milliseconds.toFixed(1)} ms to start a process: left to the long tests`,
    );
  return isQuick;
};

const slowMilliseconds = 3;
const started = 20;

function millisecondsForOne(): number {
  const before = performance.now();
  execFileSync('sh', ['-c', `for one in $(seq ${started}); do /bin/true; done`]);
  return (performance.now() - before) / started;
}
