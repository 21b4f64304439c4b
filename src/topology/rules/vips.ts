import { error } from '../../model/diagnostic.ts';
import { commonSettings } from '../resolve.ts';
import { networkOf } from '../vips.ts';
import { isHostAddress } from './network.ts';
import { carriersOf, groupedBy, listed, type ResolvedRule, type Rule } from './rule.ts';

export const vipOutsideNetwork: Rule = ({ inventory }) =>
  inventory.vips.flatMap(({ name, network, address }) => {
    const { cidr } = networkOf(inventory, network);
    if (inventory.networks[network] === undefined || isHostAddress(address, cidr)) return [];
    return [
      error(
        ['vips', name, 'address'],
        `${address} is not an address for hosts in the ${network} network, ${cidr}`,
        `take a free address of ${cidr}`,
      ),
    ];
  });

/** It would be served in the management network, where nobody looks for it. */
export const vipInUndescribedNetwork: Rule = ({ inventory: { networks, vips } }) =>
  vips
    .filter(({ network }) => networks[network] === undefined)
    .map(({ name, network }) =>
      error(
        ['vips', name, 'network'],
        `the network ${network} is not described`,
        `add networks.${network}, or say \`network: management\``,
      ),
    );

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

/** Clients of some roles know all members by name, and nothing stands in front of them. */
export const vipOfNobody: Rule = ({ inventory, services }) => {
  const served = services.flatMap((service) =>
    (service.fronts?.(commonSettings(service, inventory)) ?? []).map(({ role }) => role),
  );
  if (served.length === 0) return [];
  return inventory.vips
    .filter(({ role }) => !served.includes(role))
    .map(({ name, role }) =>
      error(
        ['vips', name, 'role'],
        `nothing serves a VIP of ${role}: its clients know all of its members`,
        `remove the VIP, or give it one of the roles ${listed([...new Set(served)])}`,
      ),
    );
};

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

/** Where a load balancer is missed there, too, it has been told once. */
export const listenerWithoutVip: ResolvedRule = ({ listeners, vips, fronts }) =>
  listeners
    .filter(({ role }) => fronts.every((front) => front.role !== role))
    .filter(({ role }) => vips.every((vip) => vip.role !== role))
    .map(({ name, role }) =>
      error(
        ['vips'],
        `there is no VIP with the role ${role}, where ${name} is offered`,
        `add a VIP with \`role: ${role}\``,
      ),
    );
