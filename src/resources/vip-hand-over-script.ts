import { programWith } from '../model/shell-program.ts';
import type { ResolvedVip } from '../model/topology.ts';
import handOverText from './vip-hand-over.sh';
import { marksDirectory, vipMark } from './vip-marks.ts';

/** The nftables table that exists while a VIP is handed over. */
export const handOverTable = 'mcp_handover';

/** How to tell on its holder what is in flight on a VIP: by its connections, and by who else knows. */
export type InFlight = {
  /**
   * A connection that said something this short a time ago may be in the middle of something. Encrypted ones need
   * long: whether they wait for an answer can't be seen from outside.
   */
  readonly quietMilliseconds: number;
} & (
  | { readonly kind: 'connections' }
  /** Each is ended as soon as it is quiet: pools that are used all the time are never quiet as a whole. */
  | {
      readonly kind: 'sessions';
      /** The HAProxy between, and who tells which of its connections are in a transaction: those look quiet, too. */
      readonly adminSocket?: string | undefined;
      readonly inTransaction?: string | undefined;
    }
  /** HAProxy's admin socket and the HTTP listeners on the VIP: it knows which requests it has. */
  | { readonly kind: 'haproxy'; readonly adminSocket: string; readonly listeners: readonly string[] }
  /** A program with a connection to a server for each request that waits for an answer, and where its clients connect. */
  | { readonly kind: 'proxy'; readonly program: string; readonly vips: readonly string[] }
);

/** Within it the SYNs that were dropped have come again. */
export const heardAgainSeconds = 1.1;

/** Run on the holder: the VIP goes to the next host, and what is in flight on it finishes before (bounded). */
export const handOverScript = (vip: ResolvedVip, inFlight: InFlight): string =>
  programWith(handOverText, {
    values: {
      vip: vip.address,
      filter: inFilter(vip.address),
      ...(vip.address.includes(':')
        ? { family: 'ip6', type: 'ipv6_addr' }
        : { family: 'ip', type: 'ipv4_addr' }),
      table: handOverTable,
      marks: marksDirectory,
      mark_file: vipMark(vip),
      heard_again_seconds: heardAgainSeconds,
      kind: inFlight.kind,
      quiet_milliseconds: inFlight.quietMilliseconds,
      ...whoElseKnows(inFlight),
    },
  });

function whoElseKnows(inFlight: InFlight): Readonly<Record<string, string>> {
  switch (inFlight.kind) {
    case 'connections':
      return {};
    case 'sessions':
      return {
        ...(inFlight.adminSocket === undefined ? {} : { admin_socket: inFlight.adminSocket }),
        ...(inFlight.inTransaction === undefined ? {} : { in_transaction: inFlight.inTransaction }),
      };
    case 'haproxy':
      return { admin_socket: inFlight.adminSocket, listeners: inFlight.listeners.join('|') };
    case 'proxy':
      return { program: inFlight.program, not_clients: notFrom(inFlight.vips) };
  }
}

/** The ends of connections that are neither on the VIPs nor within the host. */
const notFrom = (vips: readonly string[]): string =>
  [...vips, '127.0.0.0/8', '::1'].map((address) => `not src ${inFilter(address)}`).join(' and ');

/** What follows the last colon would be a port. */
const inFilter = (address: string): string => (address.includes(':') ? `[${address}]` : address);
