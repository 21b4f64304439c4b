import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, type ApisSeen, watchApis } from './api-watch.ts';
import type { LabOf } from './mcp.ts';
import { awaitHealthy } from './steady.ts';

export interface PowerCut {
  readonly machine: string;
  readonly client: Omit<ApiClient, 'intervalMilliseconds'>;
  /** After it has its power again. */
  readonly healthyWithinSeconds: number;
  /** What is looked at once it has been off for 20 s. */
  readonly meanwhile?: () => Promise<void>;
}

/** What clients of the APIs see while a machine is without power for 20 s, and until all has come back by itself. */
export async function apisDuringPowerCut(
  lab: LabOf,
  { machine, client, healthyWithinSeconds, meanwhile }: PowerCut,
): Promise<ApisSeen> {
  const watched = await watchApis({ ...client, intervalMilliseconds: { least: 200 } });
  const watchedSince = performance.now();
  await sleep(10_000);
  const quietMilliseconds = performance.now() - watchedSince;
  await lab.must('lab power-off', machine);
  await sleep(20_000);
  await meanwhile?.();
  await lab.must('lab power-on', machine);
  await awaitHealthy(lab, healthyWithinSeconds);
  await sleep(5000);
  const seen = await watched.finish();
  console.log(`${machine}, one question each ${watched.ready} ms: ${JSON.stringify(seen.series)}`);
  return withoutOutagesBefore(quietMilliseconds, seen);
}

/** On a slow machine the first questions after a boot take seconds: they meet workers that have answered nobody yet. */
const withoutOutagesBefore = (atMilliseconds: number, seen: ApisSeen): ApisSeen => ({
  ...seen,
  series: seen.series.map((series) => ({
    ...series,
    outages: series.outages.filter(({ from, milliseconds }) => from + milliseconds >= atMilliseconds),
  })),
});

/** Milliseconds of the longest time that one question went without an answer, by what was asked. */
export const longestOutages = ({ series }: ApisSeen): Readonly<Record<string, number>> =>
  Object.fromEntries(
    series.map(({ name, outages }) => [
      name,
      Math.max(0, ...outages.map(({ milliseconds }) => milliseconds)),
    ]),
  );
