import { fileURLToPath } from 'node:url';
import type { Attempt } from '../../../src/drill/attempt.ts';
import { systemClock } from '../../../src/drill/clock.ts';
import { startProbe } from '../../../src/drill/load/schedule.ts';
import { keepPunctual } from '../../../src/drill/priority.ts';
import { amqpProbe, drainQueue, queueOfRun } from '../../../src/drill/probes/amqp.ts';
import { prepareRows, sqlProbe } from '../../../src/drill/probes/sql.ts';
import { targetsOf } from '../../../src/drill/targets.ts';
import { joinClients } from '../../../src/lab/processors.ts';
import { loadTopology } from '../../../src/workflows/load.ts';
import { readyWatcher, startInNamespace, type Watcher } from './watcher.ts';

/** What those saw who write rows and publish notifications while something is done to the lab. */
export interface StoreSeen {
  readonly series: readonly {
    readonly name: string;
    readonly attempts: number;
    readonly failed: number;
    readonly failures: Readonly<Record<string, number>>;
    /** Milliseconds since the first attempt, of each that failed. */
    readonly at: readonly number[];
  }[];
  /** Numbers of the rows that were acknowledged; they stand in mcp_drill.writes under `run`. */
  readonly run: string;
  readonly rows: readonly number[];
  readonly confirmed: number;
  /** Confirmed notifications that nobody could read in the end. */
  readonly lostMessages: readonly number[];
}

/**
 * Writes numbered rows through the database VIP, each over a fresh connection, and publishes confirmed notifications, each
 * at its interval whether or not the one before was answered. Runs in a process of its own inside the namespace.
 */
export async function watchStore(
  inventory: string,
  namespace: string,
  intervalMilliseconds = usualIntervalMilliseconds,
): Promise<Watcher<StoreSeen>> {
  const words = [fileURLToPath(import.meta.url), 'watch', inventory, String(intervalMilliseconds)];
  return readyWatcher(startInNamespace(namespace, words));
}

const usualIntervalMilliseconds = 200;
/** More than that is a failed request, wherever one is counted. */
const deadlineMilliseconds = 2000;

async function watch(inventory: string, intervalMilliseconds: number): Promise<void> {
  keepPunctual();
  const { topology } = await loadTopology(inventory);
  await joinClients({ name: topology.inventory.lab?.name ?? '' });
  const { sql, amqp } = targetsOf(topology);
  const signal = new AbortController().signal;
  const run = `watch-${Date.now()}`;
  await prepareRows(sql, signal);
  const rows: number[] = [];
  const confirmed = new Set<number>();
  const attempts: Attempt[] = [];
  const nothing = () => undefined;
  const probes = [
    sqlProbe(sql, run, {
      attempted: nothing,
      acknowledged: (number) => void rows.push(number),
      placed: nothing,
    }),
    amqpProbe(amqp, queueOfRun(run), {
      attempted: nothing,
      confirmed: (number) => void confirmed.add(number),
    }),
  ].map(({ series, attempt, close }) =>
    startProbe(
      { series, attempt, close, deadlineMilliseconds },
      {
        intervalMilliseconds,
        maxInFlight: 30,
        clock: systemClock,
        onAttempt: (done) => void attempts.push(done),
      },
    ),
  );
  process.stdout.write('writing\n');
  for await (const _ of process.stdin);
  await Promise.all(probes.map((probe) => probe.stop()));
  const read = new Set(await drainQueue(amqp, queueOfRun(run), signal));
  const seen: StoreSeen = {
    series: ['sql', 'amqp'].map((name) => summarise(name, attempts)),
    run,
    rows,
    confirmed: confirmed.size,
    lostMessages: [...confirmed].filter((number) => !read.has(number)),
  };
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}

function summarise(name: string, all: readonly Attempt[]): StoreSeen['series'][number] {
  const attempts = all.filter(({ series }) => series === name);
  const first = Math.min(...attempts.map(({ startedAt }) => startedAt));
  const failed = attempts.filter(({ failure }) => failure !== undefined);
  const failures: Record<string, number> = {};
  for (const { failure } of failed) if (failure) failures[failure] = (failures[failure] ?? 0) + 1;
  return {
    name,
    attempts: attempts.length,
    failed: failed.length,
    failures,
    at: failed.map(({ startedAt }) => Math.round(startedAt - first)),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === 'watch') {
  await watch(process.argv[3] ?? '', Number(process.argv[4]));
}
