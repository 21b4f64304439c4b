import { connect, type Socket } from 'node:net';
import mysql from 'mysql2';
import { McpError } from '../../model/failure.ts';
import type { SqlTarget } from '../targets.ts';
import type { Probe } from './probe.ts';
import { vipSeries } from './vip.ts';

/** What came of the writes, told while they happen. */
export interface RowListener {
  attempted(number: number): void;
  /** The client was told that it is committed. */
  acknowledged(number: number): void;
  /** Who committed it and where in the order of commits, asked after: not every row has it. */
  placed(number: number, writer: string, sequence: number | undefined): void;
}

/**
 * Writes numbered rows through the database VIP, each over a fresh connection, and says on the way whether the VIP took
 * that. (A connection that only knocks would leave a warning in the server's log each time.)
 */
export function sqlProbe(target: SqlTarget, run: string, rows: RowListener): Probe {
  return {
    series: { name: 'sql', endpoint: 'sql' },
    connecting: { series: vipSeries(target.vip), deadlineMilliseconds: 500 },
    deadlineMilliseconds: 1000,
    attempt: async (number, signal, connected) => {
      const session = openSession(target, signal, connected);
      rows.attempted(number);
      try {
        await query(session, 'INSERT INTO writes (run, number, writer) VALUES (?, ?, @@hostname)', [
          run,
          number,
        ]);
      } catch (error) {
        drop(session);
        throw error;
      }
      if (signal.aborted) return;
      rows.acknowledged(number);
      // The client has its answer; where the row stands is asked after, and costs the attempt nothing.
      void askPlace(session, number, rows);
    },
    close: async () => undefined,
  };
}

/** Makes the table if it is not there and drops rows of drills that are more than a day old. */
export async function prepareRows(target: SqlTarget, signal: AbortSignal): Promise<void> {
  await withSession(target, signal, async (session) => {
    await query(session, createTable, []);
    await query(session, 'DELETE FROM writes WHERE at < NOW() - INTERVAL 1 DAY', []);
  });
}

/** Commits a row and deletes it again: a loss that a checker must find. */
export async function plantLostRow(
  target: SqlTarget,
  { run, number }: { readonly run: string; readonly number: number },
  signal: AbortSignal,
): Promise<void> {
  await withSession(target, signal, async (session) => {
    await query(session, 'INSERT INTO writes (run, number, writer) VALUES (?, ?, @@hostname)', [run, number]);
    await query(session, 'DELETE FROM writes WHERE run = ? AND number = ?', [run, number]);
  });
}

/** Takes the rows of one run away again. */
export async function dropRows(target: SqlTarget, run: string, signal: AbortSignal): Promise<void> {
  await withSession(target, signal, (session) => query(session, 'DELETE FROM writes WHERE run = ?', [run]));
}

/** InnoDB with a primary key, which Galera needs; nothing else is unique, so that no write conflicts with another. */
const createTable = `CREATE TABLE IF NOT EXISTS writes (
  run VARCHAR(64) NOT NULL,
  number INT UNSIGNED NOT NULL,
  writer VARCHAR(64) NOT NULL,
  at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (run, number)
) ENGINE=InnoDB`;

/** A connection with the socket below it, which mysql2 half-closes where it says that it destroys it. */
interface Session {
  readonly connection: mysql.Connection;
  readonly socket: Socket;
}

/**
 * Leaves nothing open: a host that loses its power after it has confirmed that we are done never says so itself, and who
 * waits for that word waits for good.
 */
function drop({ connection, socket }: Session): void {
  connection.destroy();
  socket.destroy();
}

async function withSession(
  target: SqlTarget,
  signal: AbortSignal,
  use: (session: Session) => Promise<unknown>,
): Promise<void> {
  const session = openSession(target, signal);
  try {
    await use(session);
  } catch (cause) {
    throw new McpError('drill-failed', 'the drill can not write to its own schema through the database VIP', {
      hint: 'look at `mcp status`, and deploy again if the account mcp_drill is missing',
      cause,
    });
  } finally {
    drop(session);
  }
}

function openSession(
  target: SqlTarget,
  signal: AbortSignal,
  connected: () => void = () => undefined,
): Session {
  const socket = connect({ host: target.address, port: target.port, noDelay: true });
  socket.once('connect', connected);
  const connection = mysql.createConnection({
    stream: socket,
    host: target.hostname,
    ...(target.tls === undefined ? {} : { ssl: target.tls }),
    user: target.user,
    password: target.password.reveal(),
    database: target.schema,
    connectTimeout: 5000,
  });
  // Every query reports the error as well; without a listener it would end the process.
  connection.on('error', () => undefined);
  const session = { connection, socket };
  if (signal.aborted) drop(session);
  signal.addEventListener('abort', () => drop(session), { once: true });
  return session;
}

function query({ connection }: Session, sql: string, values: readonly (string | number)[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.query(sql, [...values], (error, result) => (error ? reject(error) : resolve(result)));
  });
}

async function askPlace(session: Session, number: number, rows: RowListener): Promise<void> {
  const ask = 'SELECT @@hostname AS writer, WSREP_LAST_WRITTEN_GTID() AS place';
  // A writer that dies right now would keep this session open for as long as TCP waits, even one that is saying goodbye.
  const tooLate = setTimeout(() => drop(session), 2000).unref();
  session.socket.once('close', () => clearTimeout(tooLate));
  try {
    const { writer, place } = placeOf(await query(session, ask, []));
    rows.placed(number, writer, place);
    session.connection.end();
  } catch {
    drop(session);
  }
}

/** The place is `UUID:SEQUENCE`. */
function placeOf(reply: unknown): { readonly writer: string; readonly place: number | undefined } {
  const row: unknown = Array.isArray(reply) ? reply[0] : undefined;
  if (typeof row !== 'object' || row === null) return { writer: '', place: undefined };
  const writer = 'writer' in row ? String(row.writer) : '';
  const sequence = 'place' in row ? Number(/:(\d+)$/.exec(String(row.place))?.[1]) : Number.NaN;
  return { writer, place: Number.isNaN(sequence) ? undefined : sequence };
}
