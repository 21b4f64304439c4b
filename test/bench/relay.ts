import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A wire that counts: carries one host's ssh, and knows how often its two ends took turns. */
export interface Relay extends AsyncDisposable {
  readonly port: number;
  /** One-way delay, milliseconds; each thing that is sent arrives so much later, in order. */
  delayMilliseconds: number;
  /**
   * Round trips of all connections since the last reset: how often the client said something after the host had spoken,
   * and one more for the handshake of each connection.
   */
  readonly roundTrips: number;
  readonly bytes: number;
  reset(): void;
}

/** Listens on 127.0.0.1 and carries to `address`, port 22. */
export async function startRelay(address: string): Promise<Relay> {
  let delayMilliseconds = 0;
  let roundTrips = 0;
  let bytes = 0;
  const sockets = new Set<Socket>();
  // A goodbye takes its time on the way, too, and so does the one that answers it.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const host = connect({ host: address, port: 22, noDelay: true, allowHalfOpen: true });
    client.setNoDelay(true);
    roundTrips += 1;
    let lastSpoke: 'client' | 'host' | undefined = 'host';
    const carry = (from: Socket, to: Socket, who: 'client' | 'host') => {
      sockets.add(from);
      from.on('data', (chunk) => {
        bytes += chunk.length;
        if (who === 'client' && lastSpoke === 'host') roundTrips += 1;
        lastSpoke = who;
        setTimeout(() => to.write(chunk), delayMilliseconds);
      });
      from.on('end', () => setTimeout(() => to.end(), delayMilliseconds));
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
    };
    carry(client, host, 'client');
    carry(host, client, 'host');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    set delayMilliseconds(milliseconds: number) {
      delayMilliseconds = milliseconds;
    },
    get delayMilliseconds() {
      return delayMilliseconds;
    },
    get roundTrips() {
      return roundTrips;
    },
    get bytes() {
      return bytes;
    },
    reset() {
      roundTrips = 0;
      bytes = 0;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
