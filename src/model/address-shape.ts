import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { wholeNetwork } from './whole-network.ts';

/** What an inventory and the settings of services take for an address or a network. */

/** Nothing of this network, of groups, and of what is reserved (224.0.0.0 and above). */
const ofHosts = /^(?!(0|22[4-9]|2[3-9][0-9])\.)/;

export const address = z
  .ipv4({
    error: ({ input }) => {
      if (typeof input !== 'string') return undefined;
      return ipaddr.IPv6.isValid(input)
        ? refusedIPv6('address')
        : 'must be an IPv4 address such as 10.0.0.11';
    },
  })
  .regex(ofHosts, 'is no address that a host can have');

export const cidr = z
  .cidrv4({
    error: ({ input }) => {
      if (typeof input !== 'string') return undefined;
      return ipaddr.IPv6.isValidCIDR(input)
        ? refusedIPv6('network')
        : 'must be an IPv4 network with its prefix, such as 10.0.0.0/24';
    },
  })
  .regex(wholeNetwork, {
    error: ({ input }) => `is an address in a network, not a network: write ${networkOf(String(input))}`,
  });

/** A network that hosts are in. */
export const networkOfHosts = cidr.regex(ofHosts, 'is no network that hosts can be in');

/**
 * Refused wholly: a VIP of both versions would need a second address here, a VRRP instance of its own, and listeners,
 * probes and names of certificates for it; one of version 6 alone, logins to the database that its members could match.
 */
const refusedIPv6 = (kind: 'address' | 'network'): string =>
  `is an IPv6 ${kind}, and mcp works with IPv4 alone so far: hosts, VIPs and networks have one address each, ` +
  'and VRRP, listeners, the firewall and logins to the database are written for that one';

const networkOf = (text: string): string =>
  `${ipaddr.IPv4.networkAddressFromCIDR(text).toString()}/${text.split('/')[1]}`;
