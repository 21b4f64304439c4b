import { McpError } from '../../model/failure.ts';
import { type Connect, quote } from '../../model/transport.ts';
import type { Promised } from '../load/load.ts';
import { drainQueue, queueOfRun } from '../probes/amqp.ts';
import { dropRows } from '../probes/sql.ts';
import type { SqlTarget, Targets } from '../targets.ts';
import { type Controlled, judgeMessagesWithControl, judgeRowsWithControl } from './control.ts';
import type { MessageVerdict } from './messages.ts';
import type { RowVerdict } from './rows.ts';

export interface ReadBack {
  readonly rows: Controlled<RowVerdict>;
  readonly messages: Controlled<MessageVerdict>;
}

export interface ReadBackOptions {
  readonly run: string;
  readonly targets: Targets;
  readonly promised: Promised;
  readonly connect: Connect;
  readonly signal: AbortSignal;
}

/** Looks for everything that clients were promised: rows on each member itself, messages in the queue. */
export async function readBack({
  run,
  targets,
  promised,
  connect,
  signal,
}: ReadBackOptions): Promise<ReadBack> {
  const foundOn = new Map<string, readonly number[]>();
  for (const host of targets.sql.members) {
    foundOn.set(host, await readRows(targets.sql, { run, host, connect, signal }));
  }
  const consumed = await drainQueue(targets.amqp, queueOfRun(run), signal);
  const rows = judgeRowsWithControl({
    acknowledged: [...promised.rowsAcknowledged.values()],
    attempted: promised.rowsAttempted,
    foundOn,
  });
  const messages = judgeMessagesWithControl({
    confirmed: [...promised.messagesConfirmed],
    attempted: promised.messagesAttempted,
    consumed,
  });
  // What was lost stays where it can be looked at.
  if (rows.verdict.lost.length === 0) await dropRows(targets.sql, run, signal);
  return { rows, messages };
}

interface Member {
  readonly run: string;
  readonly host: string;
  readonly connect: Connect;
  readonly signal: AbortSignal;
}

/**
 * Asks the member's own server, through its socket and past HAProxy; with wsrep_sync_wait it answers only after it has
 * applied everything that the others committed before.
 */
async function readRows(
  target: SqlTarget,
  { run, host, connect, signal }: Member,
): Promise<readonly number[]> {
  const connection = await connect(host, signal);
  const sql = `SET SESSION wsrep_sync_wait = 15; SELECT number FROM ${target.schema}.writes WHERE run = '${run}'`;
  const reply = await connection.run(`mariadb --batch --skip-column-names --execute=${quote(sql)}\n`, {
    timeoutSeconds: 60,
    signal,
  });
  if (reply.exitCode !== 0) {
    throw new McpError('drill-failed', `${host} did not show the rows it has: ${reply.stderr.trim()}`, {
      host,
    });
  }
  return reply.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}
