/**
 * Counts what a connection had to wait for, one after the other: the TCP handshake, the exchange of identification and
 * offers, and each message of ours that ssh2 answers only to. `npm run bench` checks it against a slowed-down network.
 */
export class RoundTrips {
  #count = 2;

  get count(): number {
    return this.#count;
  }

  add(more: number): void {
    this.#count += more;
  }

  /** Listens to ssh2's own account of the packets that it sends. */
  hear(line: string): void {
    if (awaited.test(line)) this.#count += 1;
  }
}

const awaited =
  /^Outbound: Sending (KEX[A-Z]*_INIT|SERVICE_REQUEST|USERAUTH_REQUEST|CHANNEL_OPEN|CHANNEL_REQUEST .*exec)/;
