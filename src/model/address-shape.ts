import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** What an inventory and the settings of services take for an address or a network. */

export const address = z.ipv4({
  error: ({ input }) => {
    if (typeof input !== 'string') return undefined;
    return ipaddr.IPv6.isValid(input) ? refusedIPv6 : 'must be an IPv4 address such as 10.0.0.11';
  },
});

export const cidr = z
  .cidrv4({
    error: ({ input }) => {
      if (typeof input !== 'string') return undefined;
      return ipaddr.IPv6.isValidCIDR(input)
        ? refusedIPv6
        : 'must be an IPv4 network with its prefix, such as 10.0.0.0/24';
    },
  })
  .refine((text) => !ipaddr.IPv4.isValidCIDR(text) || networkOf(text) === text, {
    error: ({ input }) => `is an address in a network, not a network: write ${networkOf(String(input))}`,
  });

const refusedIPv6 = 'is an IPv6 address; mcp works with IPv4 only so far';

const networkOf = (text: string): string =>
  `${ipaddr.IPv4.networkAddressFromCIDR(text).toString()}/${text.split('/')[1]}`;
