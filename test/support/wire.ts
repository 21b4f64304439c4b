import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate as breath, setTimeout as sleep } from 'node:timers/promises';

/** Which way bytes go. */
type Direction = 'to-host' | 'to-client';

/** What befalls a wire. */
export type Harm =
  /** Both ends of every connection get an RST. */
  | { readonly kind: 'reset' }
  /** Both ends of every connection get a FIN. */
  | { readonly kind: 'close' }
  /** Of every connection nothing arrives any more, in either direction, and nobody is told. New ones work. */
  | { readonly kind: 'half-open' }
  /** Nothing arrives for so long, on new connections too; then all of it does. */
  | { readonly kind: 'stall'; readonly milliseconds: number }
  /** Each byte arrives by itself. */
  | { readonly kind: 'byte-by-byte' }
  /** Each thing that is sent arrives so much later. */
  | { readonly kind: 'delay'; readonly milliseconds: number };

/** Harm that is done just before the byte `at` of a direction would arrive, counted over all connections. */
export interface Fault {
  readonly harm: Harm;
  readonly direction: Direction;
  readonly at: number;
}

/** The first byte of what one end says after the other has spoken. */
export type Turn = Pick<Fault, 'direction' | 'at'>;

/** A wire that counts, and that can be harmed: carries one host's ssh. */
export interface Wire extends AsyncDisposable {
  readonly port: number;
  /** One-way delay, milliseconds; each thing that is sent arrives so much later, in order. */
  delayMilliseconds: number;
  /**
   * Round trips of all connections since the last reset: how often the client said something after the host had spoken,
   * and one more for the handshake of each connection.
   */
  readonly roundTrips: number;
  readonly bytes: Readonly<Record<Direction, number>>;
  /** Since the last reset. */
  readonly turns: readonly Turn[];
  /** Counts anew. */
  reset(): void;
  /** Counted from the last reset; it happens once. */
  arm(fault: Fault): void;
  /** Whether it came so far. */
  readonly isStruck: boolean;
  /** What is sent from now on arrives as ever. What was cut stays cut, and who is half-open stays so. */
  heal(): void;
  /** Ends every connection, and those that are half-open with them. */
  hangUp(): void;
}

/** Listens on 127.0.0.1 and carries to an ssh port, 22 unless said otherwise. */
export async function startWire(
  address: string,
  { port = 22 }: { readonly port?: number } = {},
): Promise<Wire> {
  const condition: Condition = { delayMilliseconds: 0, stalledUntil: 0, isByteByByte: false };
  const lines = new Set<Line>();
  let count = freshCount();
  let fault: Fault | undefined;
  const strike = () => {
    const harm = fault?.harm;
    fault = undefined;
    if (harm !== undefined) doHarm(harm, condition, lines);
  };
  const hangUp = () => {
    for (const { client, host } of lines) {
      client.destroy();
      host.destroy();
    }
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const host = connect({ host: address, port, noDelay: true, allowHalfOpen: true });
    const line: Line = { client, host, isDead: false };
    lines.add(line);
    count.roundTrips += 1;
    const noteTurn = turnsOf(() => count);
    const hear = (direction: Direction) => (chunk: Buffer) => {
      const begin = count.bytes[direction];
      count.bytes[direction] += chunk.length;
      noteTurn(direction, begin);
      const at = fault?.direction === direction ? fault.at : Number.POSITIVE_INFINITY;
      return { harmedAt: at < begin + chunk.length ? Math.max(0, at - begin) : undefined, strike };
    };
    const closed = [
      carry({ from: client, to: host, line, condition, hear: hear('to-host') }),
      carry({ from: host, to: client, line, condition, hear: hear('to-client') }),
    ];
    void Promise.all(closed).then(() => lines.delete(line));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    set delayMilliseconds(milliseconds: number) {
      condition.delayMilliseconds = milliseconds;
    },
    get delayMilliseconds() {
      return condition.delayMilliseconds;
    },
    get roundTrips() {
      return count.roundTrips;
    },
    get bytes() {
      return count.bytes;
    },
    get turns() {
      return count.turns;
    },
    get isStruck() {
      return fault === undefined;
    },
    reset() {
      count = freshCount();
    },
    arm(next) {
      fault = next;
    },
    heal() {
      fault = undefined;
      Object.assign(condition, { delayMilliseconds: 0, stalledUntil: 0, isByteByByte: false });
    },
    hangUp,
    async [Symbol.asyncDispose]() {
      hangUp();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Condition {
  delayMilliseconds: number;
  /** By `performance.now()`. */
  stalledUntil: number;
  isByteByByte: boolean;
}

/** A connection through the wire; a dead one hands nothing on any more. */
interface Line {
  readonly client: Socket;
  readonly host: Socket;
  isDead: boolean;
}

interface Count {
  roundTrips: number;
  readonly bytes: Record<Direction, number>;
  readonly turns: Turn[];
}

const freshCount = (): Count => ({ roundTrips: 0, bytes: { 'to-host': 0, 'to-client': 0 }, turns: [] });

/** Notes whenever the other end of a connection speaks. */
function turnsOf(current: () => Count): (direction: Direction, at: number) => void {
  let lastSpoke: Direction = 'to-client';
  return (direction, at) => {
    const count = current();
    if (direction !== lastSpoke) count.turns.push({ direction, at });
    if (direction !== lastSpoke && direction === 'to-host') count.roundTrips += 1;
    lastSpoke = direction;
  };
}

function doHarm(harm: Harm, condition: Condition, lines: ReadonlySet<Line>): void {
  switch (harm.kind) {
    case 'reset':
    case 'close':
    case 'half-open':
      for (const line of lines) end(line, harm.kind);
      break;
    case 'stall':
      condition.stalledUntil = performance.now() + harm.milliseconds;
      break;
    case 'byte-by-byte':
      condition.isByteByByte = true;
      break;
    case 'delay':
      condition.delayMilliseconds = harm.milliseconds;
      break;
  }
}

function end(line: Line, how: 'reset' | 'close' | 'half-open'): void {
  line.isDead = true;
  for (const socket of [line.client, line.host]) {
    if (how === 'reset') reset(socket);
    if (how === 'close') socket.end();
  }
}

/** What Node offers for it sends a FIN first, unless it finds its own note that this was done. */
const reset = (socket: Socket): void => {
  Object.assign(socket, { resetAndClosing: true }).destroy();
};

interface Lane {
  readonly from: Socket;
  readonly to: Socket;
  readonly line: Line;
  readonly condition: Condition;
  /** Counts what has come; says before which byte of it the wire is harmed, and harms it. */
  hear(chunk: Buffer): { readonly harmedAt: number | undefined; strike(): void };
}

/** One direction of a connection, in order. Resolves when its sender is gone. */
function carry({ from, to, line, condition, hear }: Lane): Promise<unknown> {
  let last: Promise<void> = Promise.resolve();
  const inOrder = (act: () => void | Promise<void>) => {
    const due = performance.now() + condition.delayMilliseconds;
    last = last.then(async () => {
      await untilArrival(due, condition);
      if (!line.isDead) await act();
    });
  };
  const send = (bytes: Buffer) => inOrder(() => write(to, bytes, condition));
  from.on('data', (chunk) => {
    const { harmedAt, strike } = hear(chunk);
    if (harmedAt === undefined) return send(chunk);
    if (harmedAt > 0) send(chunk.subarray(0, harmedAt));
    // An RST takes away what came before it and was not read yet.
    inOrder(() => sleep(readMilliseconds));
    inOrder(strike);
    send(chunk.subarray(harmedAt));
  });
  from.on('end', () => inOrder(() => void to.end()));
  from.on('error', () => inOrder(() => reset(to)));
  return new Promise((resolve) => from.on('close', resolve));
}

const readMilliseconds = 5;

async function untilArrival(due: number, condition: Condition): Promise<void> {
  for (;;) {
    const left = Math.max(due, condition.stalledUntil) - performance.now();
    if (left <= 0) return;
    await sleep(left);
  }
}

async function write(to: Socket, bytes: Buffer, condition: Condition): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const length = condition.isByteByByte ? 1 : bytes.length - at;
    to.write(bytes.subarray(at, at + length));
    at += length;
    // Whoever listens on the other end gets to read it before the next one comes.
    if (condition.isByteByByte) await breath();
  }
}
