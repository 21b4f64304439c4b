import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { deployedLab, leaveLab } from '../lab/support/deployed.ts';
import { type Deploying, deploying } from '../lab/support/deploying.ts';
import { onEach } from '../lab/support/hosts.ts';
import { type LabOf, labOf } from '../lab/support/mcp.ts';
import { everyHost, hostsNow, narrow, rollingChange } from '../lab/support/rolling-change.ts';
import { awaitHealthy } from '../lab/support/steady.ts';

const inventory = 'inventories/lab.yaml';
const lab: LabOf = labOf(inventory);
const seed = Number(process.env['MCP_CRASH_SEED'] ?? randomInt(2 ** 31));
const kills = Number(process.env['MCP_CRASH_POINTS'] ?? 30);
let mark = 0;

// Two runs and a look for each of them; a machine that has other things to do takes two minutes.
vi.setConfig({ testTimeout: (kills + 10) * 240_000 });

beforeAll(async () => {
  await deployedLab(inventory);
  await awaitHealthy(lab, 300);
});
afterAll(() => leaveLab(lab));

test('a deploy that is killed at any of thirty moments is completed by the next one, and nothing is done twice', async () => {
  mark += 1;
  const sound = await rollingChange(mark, narrow);
  const since = await hostsNow(lab);
  const whole = deploying(sound.lab);
  expect(await whole.ended).toBe(0);
  expect(await sound.wrong(since)).toEqual([]);
  const moments = fc.sample(
    fc.record({
      lines: fc.integer({ min: 1, max: whole.told.length }),
      milliseconds: fc.integer({ min: 0, max: 400 }),
    }),
    { numRuns: kills, seed },
  );
  console.log(`MCP_CRASH_SEED=${seed}: ${whole.told.length} lines are told by a run that nobody kills`);
  const complaints: string[] = [];
  for (const [index, { lines, milliseconds }] of moments.entries()) {
    mark += 1;
    const change = await rollingChange(mark, narrow);
    const begin = await hostsNow(lab);
    const doomed = deploying(change.lab);
    await doomed.hasTold(lines);
    await sleep(milliseconds);
    doomed.child.kill('SIGKILL');
    const how = await doomed.ended;
    const last = doomed.told.at(-1) ?? '';
    const next = await change.lab.mcp('deploy', '--yes', '--lock-wait', '5m');
    const wrong = [
      ...(next.exitCode === 0 ? [] : [`the next deploy exits ${next.exitCode}:\n${next.output}`]),
      ...(await change.wrong(begin)),
    ];
    console.log(
      `${index + 1}: ${how} ${milliseconds} ms after line ${lines}, ${last.slice(0, 160)}: ${wrong.join('; ') || 'well'}`,
    );
    complaints.push(...wrong);
    if (wrong.length > 0) await awaitHealthy(lab, 300);
  }
  expect(complaints).toEqual([]);
});

test('of two deploys from two places, one of them suspended for longer than its lock lives, one acts at a time', async () => {
  const [first, second] = [await rollingChange(mark + 1), await rollingChange(mark + 2)];
  mark += 2;
  const sleeper = deploying(first.lab);
  while (!sleeper.told.some((line) => line.includes('"type":"batch-finished"'))) await sleep(20);
  const pid = insideOf(sleeper.child.pid ?? 0);
  process.kill(pid, 'SIGSTOP');
  const suspended = Date.now();
  const waiter = deploying(second.lab, '--lock-wait', '5m');
  await sleep(130_000);
  process.kill(pid, 'SIGCONT');
  const [how, waited] = [await sleeper.ended, await waiter.ended];
  console.log(
    `suspended ${Date.now() - suspended} ms ago: it ended ${how}, ${sleeper.told.at(-1)}; the other ended ${waited}`,
  );
  expect(how).not.toBe(0);
  expect(waited).toBe(0);
  const [steps, later] = await Promise.all([runOf(sleeper), runOf(waiter)].map(stepsOf));
  expect(steps?.length).toBeGreaterThan(0);
  expect(later?.length).toBeGreaterThan(0);
  const ends = Math.max(...(steps ?? []).map(Date.parse));
  expect(Math.min(...(later ?? []).map(Date.parse))).toBeGreaterThan(ends);
  await awaitHealthy(lab, 120);
  expect((await second.lab.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
});

/** The program starts itself again inside the namespace: that is the one which acts. */
const insideOf = (pid: number): number => {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return Number(child);
};

const runOf = ({ told }: Deploying): string => {
  const started = told.find((line) => line.includes('"type":"rollout-started"')) ?? '';
  return /"run":"([^"]+)"/.exec(started)?.[1] ?? '';
};

/** When anything was begun or ended for a run, by every host's own journal of it. */
async function stepsOf(run: string): Promise<readonly string[]> {
  const told = await onEach(
    lab,
    everyHost,
    `cut -d ' ' -f 1 /var/lib/mcp/runs/${run}/journal 2>/dev/null || true`,
  );
  return Object.values(told).flatMap((lines) => lines.split('\n').filter((line) => line !== ''));
}
