import ipaddr from 'ipaddr.js';
import { McpError } from '../../model/failure.ts';

/** Gives addresses of one network away: routers usually have one of the first, or the last. */
export interface Addresses {
  host(index: number): string;
  vip(index: number): string;
}

const firstHost = 11;
const firstVip = 100;

/** Throws McpError `invalid-arguments` where `network` has no room for so many. */
export function addressesOf(
  network: string,
  count: { readonly hosts: number; readonly vips: number },
): Addresses {
  const base = numberOf(ipaddr.IPv4.networkAddressFromCIDR(network));
  const room = numberOf(ipaddr.IPv4.broadcastAddressFromCIDR(network)) - base;
  const vipsFrom = firstVip + count.vips < room ? firstVip : firstHost + count.hosts;
  if (vipsFrom + count.vips > room) {
    throw new McpError(
      'invalid-arguments',
      `${network} has no room for ${count.hosts} hosts and ${count.vips} VIPs beside its first ten addresses`,
      { hint: 'name a larger network, or write the inventory with that one and edit it' },
    );
  }
  return {
    host: (index) => textOf(base + firstHost + index),
    vip: (index) => textOf(base + vipsFrom + index),
  };
}

const numberOf = (address: ipaddr.IPv4): number =>
  address.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);

const textOf = (value: number): string =>
  [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join('.');
