import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type ApisSeen, watchApis } from './api-watch.ts';
import { onEach } from './hosts.ts';
import type { LabOf } from './mcp.ts';
import { administratorPassword, publicSeat } from './seat.ts';
import { type StoreSeen, watchStore } from './store-watch.ts';

/** What clients of every kind saw while something was done to a lab. */
export interface SeenUnderLoad {
  readonly apis: ApisSeen;
  readonly store: StoreSeen;
}

/**
 * Requests to the APIs through the public VIP (tokens, lists of projects, images, networks and servers, placement), each
 * once a second, or less often on a machine that is slow to answer them; and beside them SQL writes and confirmed
 * notifications, five of each in that time: open loop, so that each kind comes at its own interval whether or not the one
 * before was answered.
 */
export async function underLoad(
  lab: LabOf,
  act: () => Promise<void>,
  seat: typeof publicSeat = publicSeat,
): Promise<SeenUnderLoad> {
  const apis = await watchApis({
    ...seat,
    password: await administratorPassword(),
    only: questions,
    patience: 'of this machine',
    intervalMilliseconds: { least: 1000 },
  });
  const store = await watchStore(lab.inventory, publicSeat.namespace, Number(apis.ready) / rowsEachTime);
  await sleep(edgeMilliseconds);
  const [acted] = await Promise.allSettled([act()]);
  await sleep(edgeMilliseconds);
  // Whatever came of it, what has begun ends.
  const [seenByApis, seenByStore] = await Promise.all([apis.finish(), store.finish()]);
  if (acted.status === 'rejected') throw acted.reason;
  return { apis: seenByApis, store: seenByStore };
}

/** So long all is as it was before, and as it will be after. */
const edgeMilliseconds = 3000;

/** As many rows, and as many notifications, as come in the time of one question. */
const rowsEachTime = 5;

const questions = ['token', 'project list', 'image list', 'network list', 'server list', 'placement'];

/** Not one request failed, nothing that was acknowledged is lost; and there was something that could have failed. */
export async function expectNothingFailed(
  what: string,
  { apis, store }: SeenUnderLoad,
  lab: LabOf,
  members: readonly string[],
): Promise<void> {
  const series = [...apis.series, ...store.series];
  const sum = (of: (each: (typeof series)[number]) => number) =>
    series.reduce((all, each) => all + of(each), 0);
  console.log(
    `${what} (each waits ${apis.patienceMilliseconds} ms): ${sum(({ failed }) => failed)} of ${sum(({ attempts }) => attempts)} requests failed, ` +
      `${store.rows.length} rows, ${store.confirmed} notifications; ${JSON.stringify(series.filter(({ failed }) => failed > 0))}`,
  );
  expect(series.filter(({ failed }) => failed > 0)).toEqual([]);
  expect(series.every(({ attempts }) => attempts > 10)).toBe(true);
  expect(store.lostMessages).toEqual([]);
  const found = await onEach(
    lab,
    members,
    `mariadb -N -B -e "SET wsrep_sync_wait=15; SELECT COUNT(*) FROM mcp_drill.writes WHERE run = '${store.run}'"`,
  );
  for (const count of Object.values(found)) {
    expect(Number(count)).toBeGreaterThanOrEqual(store.rows.length);
  }
}
