import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Attempt, type Series, succeeded } from '../attempt.ts';
import type { Clock } from '../clock.ts';
import { plantedNumber } from '../consistency/control.ts';
import type { AcknowledgedRow } from '../consistency/rows.ts';
import { usualRule } from '../outage.ts';
import { amqpProbe, queueOfRun } from '../probes/amqp.ts';
import { findSignInPage, pageProbe } from '../probes/page.ts';
import type { Probe } from '../probes/probe.ts';
import { plantLostRow, prepareRows, sqlProbe } from '../probes/sql.ts';
import { vipProbe } from '../probes/vip.ts';
import type { Targets } from '../targets.ts';
import { openAckLog } from './ack-log.ts';
import { startProbe } from './schedule.ts';

/** All probes of a drill at once, and what they were promised. */
export interface Load {
  readonly series: readonly Series[];
  readonly attempts: readonly Attempt[];
  readonly promised: Promised;
  readonly dropped: number;
  /** Resolves when every attempt has ended and every promise is on disk. Safe to repeat. */
  stop(): Promise<void>;
}

/** What clients sent and what they were told; the planted losses are in it. */
export interface Promised {
  readonly rowsAttempted: readonly number[];
  readonly rowsAcknowledged: ReadonlyMap<number, AcknowledgedRow>;
  readonly messagesAttempted: readonly number[];
  readonly messagesConfirmed: ReadonlySet<number>;
}

export interface LoadOptions {
  readonly targets: Targets;
  /** Rows and messages are told apart by it. */
  readonly run: string;
  /** Hosts that something is about to be done to: the publisher connects to brokers there first, which is the worst case. */
  readonly hit: readonly string[];
}

export interface LoadContext {
  readonly clock: Clock;
  /** Aborts the preparation; attempts have deadlines of their own. */
  readonly signal: AbortSignal;
  /** Where acknowledgements and the history of attempts are kept. */
  readonly runDirectory: string;
}

/** In flight at most: twice what a deadline of 2 s needs. */
const maxInFlight = 80;

/** Starts every probe after making sure that a client can sign in, write and publish at all. */
export async function startLoad({ targets, run, hit }: LoadOptions, context: LoadContext): Promise<Load> {
  const path = await findSignInPage(targets.page, context.signal);
  await prepareRows(targets.sql, context.signal);
  await plantLostRow(targets.sql, { run, number: plantedNumber }, context.signal);
  const acks = await openAckLog(join(context.runDirectory, `${run}.acknowledged.jsonl`));
  const book = openBook(acks.record);
  const nodes = targets.amqp.nodes.toSorted(
    (a, b) => Number(hit.includes(b.host)) - Number(hit.includes(a.host)),
  );
  const probes: readonly Probe[] = [
    ...targets.vips.filter(({ name }) => name !== targets.sql.vip).map(vipProbe),
    pageProbe(targets.page, path),
    sqlProbe(targets.sql, run, book.rows),
    amqpProbe({ ...targets.amqp, nodes }, queueOfRun(run), book.messages),
  ];
  const attempts: Attempt[] = [];
  const running = probes.map((probe) =>
    startProbe(probe, {
      intervalMilliseconds: usualRule.intervalMilliseconds,
      maxInFlight,
      clock: context.clock,
      onAttempt: (attempt) => attempts.push(attempt),
    }),
  );
  const stopAll = async () => {
    await Promise.all(running.map((probe) => probe.stop()));
    await acks.close();
    const lines = attempts.map((attempt) => `${JSON.stringify(attempt)}\n`);
    await appendFile(join(context.runDirectory, `${run}.attempts.jsonl`), lines.join(''));
  };
  let stopped: Promise<void> | undefined;
  return {
    series: probes.flatMap(({ series, connecting }) => (connecting ? [connecting.series, series] : [series])),
    attempts,
    promised: book.promised,
    get dropped() {
      return running.reduce((sum, { dropped }) => sum + dropped, 0);
    },
    stop() {
      stopped ??= stopAll();
      return stopped;
    },
  };
}

/** Waits until no attempt failed for `seconds`; says whether that came to be in time. */
export async function awaitCleanWindow(
  load: Load,
  { seconds, withinSeconds }: { readonly seconds: number; readonly withinSeconds: number },
  { clock, signal }: Pick<LoadContext, 'clock' | 'signal'>,
): Promise<boolean> {
  const begun = clock.now();
  while (clock.now() - begun < withinSeconds * 1000) {
    await clock.sleep(250, signal);
    const since = clock.now() - seconds * 1000;
    if (since >= begun && isClean(load, since)) return true;
  }
  return false;
}

/** Every series answered, and none failed, since a moment. */
function isClean({ series, attempts }: Load, since: number): boolean {
  const recent = attempts.filter(({ startedAt }) => startedAt >= since);
  return series.every(({ name }) => {
    const own = recent.filter((attempt) => attempt.series === name);
    return own.length > 0 && own.every(succeeded);
  });
}

/** The ledger of promises, with the planted losses in it from the start. */
function openBook(record: (promise: object) => void) {
  const rowsAttempted: number[] = [plantedNumber];
  const rowsAcknowledged = new Map<number, AcknowledgedRow>();
  const messagesAttempted: number[] = [plantedNumber];
  const messagesConfirmed = new Set<number>();
  const acknowledge = (number: number) => {
    rowsAcknowledged.set(number, { number, writer: '', sequence: undefined });
    record({ row: number });
  };
  const confirm = (number: number) => {
    messagesConfirmed.add(number);
    record({ message: number });
  };
  acknowledge(plantedNumber);
  confirm(plantedNumber);
  const promised: Promised = { rowsAttempted, rowsAcknowledged, messagesAttempted, messagesConfirmed };
  return {
    promised,
    rows: {
      attempted: (number: number) => void rowsAttempted.push(number),
      acknowledged: acknowledge,
      placed: (number: number, writer: string, sequence: number | undefined) =>
        void rowsAcknowledged.set(number, { number, writer, sequence }),
    },
    messages: {
      attempted: (number: number) => void messagesAttempted.push(number),
      confirmed: confirm,
    },
  };
}
