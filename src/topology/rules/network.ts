import ipaddr from 'ipaddr.js';

/** Whether a host can have `address` in the network `cidr`: in it, and neither its own nor its broadcast address. */
export function isHostAddress(address: string, cidr: string): boolean {
  if (!isIn(address, cidr)) return false;
  const [, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  const reserved = [ipaddr.IPv4.networkAddressFromCIDR(cidr), ipaddr.IPv4.broadcastAddressFromCIDR(cidr)];
  return prefix >= 31 || reserved.every((taken) => taken.toString() !== address);
}

/** Whether two networks have addresses in common without being the same. */
export function overlap(one: string, other: string): boolean {
  return one !== other && (isIn(baseOf(one), other) || isIn(baseOf(other), one));
}

const isIn = (address: string, cidr: string): boolean =>
  ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parseCIDR(cidr));

const baseOf = (cidr: string): string => ipaddr.IPv4.networkAddressFromCIDR(cidr).toString();
