import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** The kinds of words that an inventory is made of. Each is narrow enough to be put into any file or command line. */

const refusedIPv6 = 'is an IPv6 address; mcp works with IPv4 only so far';

export const hostName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be a short host name: lower-case letters, digits and hyphens, 63 characters at most',
  );

export const domainName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    'must be a host name such as cloud.example.org, in lower case',
  );

export const word = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/,
    'must begin with a letter or digit and hold only letters, digits, dots, hyphens and underscores',
  );

export const interfaceName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/,
    'must be the name of a network interface, 15 characters at most',
  );

export const path = z.string().min(1, 'must be a path');

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

export const port = z.int().min(1).max(65535);

const networkOf = (text: string): string =>
  `${ipaddr.IPv4.networkAddressFromCIDR(text).toString()}/${text.split('/')[1]}`;
