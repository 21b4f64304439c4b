import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause, setImmediate as turnOfTheLoop } from 'node:timers/promises';

/**
 * A network on which the two sides take turns: what the near side says is held back until it has nothing more to say,
 * arrives all at once, and so does what the far side says to it. How often that goes round is how many round trips a
 * program waits for one after the other, all its connections together, however fast or slow this machine is.
 */
export interface TurnTakingNetwork extends AsyncDisposable {
  /** A port of 127.0.0.1 that leads to `port` there. */
  leadTo(port: number): Promise<number>;
  /** Round trips since the last reset; a TCP handshake is one, too. */
  readonly roundTrips: number;
  readonly bytes: number;
  reset(): void;
}

/**
 * A side that says nothing for `silenceMilliseconds` is waiting for the other. Where both run on this thread it needs no
 * longer than the kernel takes to carry what they say.
 */
export function turnTakingNetwork(silenceMilliseconds = 20): TurnTakingNetwork {
  let roundTrips = 0;
  let bytes = 0;
  let heard = 0;
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const outbound: (() => void)[] = [];
  const inbound: (() => void)[] = [];

  const silence = async () => {
    for (let before = -1; before !== heard; ) {
      before = heard;
      await pause(silenceMilliseconds);
      await turnOfTheLoop();
    }
  };
  const goRound = async () => {
    await silence();
    if (outbound.length > 0) {
      roundTrips += 1;
      for (const deliver of outbound.splice(0)) deliver();
      await silence();
    }
    for (const deliver of inbound.splice(0)) deliver();
  };
  let isGoingRound = false;
  const goOn = async () => {
    if (isGoingRound) return;
    isGoingRound = true;
    while (outbound.length + inbound.length > 0) await goRound();
    isGoingRound = false;
  };
  const say = (to: (() => void)[], deliver: () => void) => {
    heard += 1;
    to.push(deliver);
    void goOn();
  };
  const carry = (from: Socket, to: Socket, mail: (() => void)[]) => {
    sockets.add(from);
    from.on('data', (chunk) => {
      bytes += chunk.length;
      say(mail, () => to.write(chunk));
    });
    from.on('end', () => say(mail, () => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => sockets.delete(from));
  };
  return {
    async leadTo(port) {
      // Whoever connects believes to be connected; what it says before the handshake has gone round waits for that.
      const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (near) => {
        near.setNoDelay(true);
        sockets.add(near);
        say(outbound, () =>
          say(inbound, () => {
            const far = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
            carry(near, far, outbound);
            carry(far, near, inbound);
            near.resume();
          }),
        );
      });
      servers.push(server);
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const bound = server.address();
      return typeof bound === 'object' && bound !== null ? bound.port : 0;
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
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
