import { expect } from 'vitest';
import { type ApisSeen, watchApis } from './api-watch.ts';
import type { LabOf } from './mcp.ts';
import { administratorPassword, publicSeat } from './seat.ts';
import { type Seen, watchedWhile } from './steady.ts';

/** What clients of every kind saw while something was done to a lab. */
export interface SeenUnderLoad {
  readonly apis: ApisSeen['series'];
  readonly clients: Seen;
  readonly attempts: number;
  readonly failed: number;
}

/**
 * Ten requests a second to the APIs through the public VIP (tokens, lists of projects, images, networks and servers,
 * placement), each kind at its own interval whether or not the one before was answered; and beside them the drill's own
 * clients: VIPs, the sign-in page, SQL writes and confirmed notifications. `act` must be over well before `seconds` are.
 */
export async function underLoad(
  lab: LabOf,
  seconds: number,
  act: () => Promise<void>,
): Promise<SeenUnderLoad> {
  const apis = await watchApis({
    ...publicSeat,
    password: await administratorPassword(),
    only: questions,
    intervalMilliseconds: (questions.length * 1000) / requestsPerSecond,
  });
  let seenByApis: ApisSeen | undefined;
  const clients = await watchedWhile(lab, seconds, async () => {
    await act();
    seenByApis = await apis.finish();
  });
  const series = seenByApis?.series ?? [];
  const all = [...series, ...clients.series];
  return {
    apis: series,
    clients,
    attempts: all.reduce((sum, { attempts }) => sum + attempts, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
  };
}

/** Not one request failed, nothing that was acknowledged is lost; and there was something that could have failed. */
export function expectNothingFailed(seen: SeenUnderLoad): void {
  const told = [...seen.apis, ...seen.clients.series].map(({ name, attempts, failed }) => ({ name, attempts, failed }));
  console.log(`under load: ${seen.failed} of ${seen.attempts} failed; ${JSON.stringify(told)}`);
  expect(told.filter(({ failed }) => failed > 0)).toEqual([]);
  expect(told.every(({ attempts }) => attempts > 10)).toBe(true);
  expect(seen.clients.rows.lost).toEqual([]);
  expect(seen.clients.messages.lost).toEqual([]);
  expect(seen.clients.rows.acknowledged).toBeGreaterThan(100);
  expect(seen.clients.messages.confirmed).toBeGreaterThan(100);
}

const questions = ['token', 'project list', 'image list', 'network list', 'server list', 'placement'];
const requestsPerSecond = 10;
