import { setTimeout as sleep } from 'node:timers/promises';
import { deploying } from './deploying.ts';
import type { LabOf } from './mcp.ts';

/** When a deploy is killed: once it has told a line that fits, and at a moment drawn from the milliseconds after. */
export interface Moment {
  readonly fits: (line: string) => boolean;
  readonly withinMilliseconds: number;
}

/** A deploy that is killed in its middle, and the next one, which takes it up. Throws where it ended before its moment. */
export async function killedAndTakenUp(lab: LabOf, { fits, withinMilliseconds }: Moment): Promise<void> {
  const doomed = deploying(lab);
  let end: number | NodeJS.Signals | undefined;
  void doomed.ended.then((how) => {
    end = how;
  });
  while (!doomed.told.some(fits) && end === undefined) await sleep(20);
  await sleep(Math.random() * withinMilliseconds);
  doomed.child.kill('SIGKILL');
  const how = await doomed.ended;
  const last = doomed.told.at(-1)?.slice(0, 160);
  if (how !== 'SIGKILL') throw new Error(`it ended with ${how} before it was killed, after ${last}`);
  console.log(`killed after ${last}`);
  await lab.must('deploy', '--yes', '--lock-wait', '5m');
}

/** A batch of this title has begun, or of one that begins so. */
export const batchBegins =
  (title: string) =>
  (line: string): boolean =>
    line.includes('"type":"batch-started"') && line.includes(`"title":"${title}`);
