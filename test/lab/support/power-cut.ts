import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, type ApisSeen, watchApis } from './api-watch.ts';
import type { LabOf } from './mcp.ts';
import { awaitHealthy } from './steady.ts';

/** What clients of the APIs see while a machine is without power for 20 s, and until all has come back by itself. */
export async function apisDuringPowerCut(
  lab: LabOf,
  machine: string,
  client: ApiClient,
  healthyWithinSeconds: number,
): Promise<ApisSeen> {
  const watched = await watchApis(client);
  await sleep(10_000);
  await lab.must('lab power-off', machine);
  await sleep(20_000);
  await lab.must('lab power-on', machine);
  await awaitHealthy(lab, healthyWithinSeconds);
  await sleep(5000);
  const seen = await watched.finish();
  console.log(`${machine}: ${JSON.stringify(seen.series)}`);
  return seen;
}

/** Milliseconds of the longest time that one question went without an answer, by what was asked. */
export const longestOutages = ({ series }: ApisSeen): Readonly<Record<string, number>> =>
  Object.fromEntries(
    series.map(({ name, outages }) => [
      name,
      Math.max(0, ...outages.map(({ milliseconds }) => milliseconds)),
    ]),
  );
