import { error } from '../../model/diagnostic.ts';
import { commonSettings } from '../resolve.ts';
import { networkOf } from '../vips.ts';
import { isHostAddress } from './network.ts';
import { carriersOf, groupedBy, type ResolvedRule, type Rule } from './rule.ts';

export const vipOutsideNetwork: Rule = ({ inventory }) =>
  inventory.vips.flatMap(({ name, network, address }) => {
    const { cidr } = networkOf(inventory, network);
    if (isHostAddress(address, cidr)) return [];
    return [
      error(
        ['vips', name, 'address'],
        `${address} is not an address for hosts in the ${network} network, ${cidr}`,
        `take a free address of ${cidr}`,
      ),
    ];
  });

/** Two VRRP groups with one id in one segment fight over both VIPs. */
export const sameRouterId: Rule = ({ inventory }) =>
  [
    ...groupedBy(
      inventory.vips,
      ({ network, routerId }) => `${networkOf(inventory, network).cidr} ${routerId}`,
    ).values(),
  ].flatMap(([first, ...others]) =>
    others.map(({ name, routerId }) =>
      error(
        ['vips', name, 'routerId'],
        `${routerId} is the VRID of ${first?.name} too`,
        'give each VIP of a network its own, 1 to 255',
      ),
    ),
  );

export const vipWithoutHosts: Rule = (input) =>
  input.inventory.vips
    .filter(({ role }) => carriersOf(role, input).length === 0)
    .map(({ name, role }) =>
      error(
        ['vips', name, 'role'],
        `no machine carries ${role}, so nothing could hold this VIP`,
        `give machines the role ${role}, or remove the VIP`,
      ),
    );

/** A load balancer or proxy serves on the VIPs of a role: without one it has nowhere to be. */
export const missingVip: Rule = ({ inventory, services }) =>
  services.flatMap((service) => {
    const fronts = service.fronts?.(commonSettings(service, inventory)) ?? [];
    return fronts
      .filter(({ role }) => inventory.vips.every((vip) => vip.role !== role))
      .map(({ role }) =>
        error(
          ['vips'],
          `there is no VIP with the role ${role}, which ${service.title} needs`,
          `add a VIP with \`role: ${role}\``,
        ),
      );
  });

export const listenerWithoutVip: ResolvedRule = ({ listeners, vips }) =>
  listeners
    .filter(({ role }) => vips.every((vip) => vip.role !== role))
    .map(({ name, role }) =>
      error(
        ['vips'],
        `there is no VIP with the role ${role}, where ${name} is offered`,
        `add a VIP with \`role: ${role}\``,
      ),
    );

/** The proxies verify the load balancers' certificate by a name: Nginx knows no other way. */
export const unnamedGateway: ResolvedRule = ({ listeners, vips }) => {
  if (!listeners.some(({ role, reach }) => role === 'control' && reach === 'world')) return [];
  return vips
    .filter(({ role, tls, hostname }) => role === 'control' && tls && hostname === undefined)
    .map(({ name }) =>
      error(
        ['vips', name],
        `${name} speaks TLS and has no hostname by which the proxies could verify it`,
        'give it one, for example `hostname: internal.cloud.example.org`, and run `mcp certs init`',
      ),
    );
};
