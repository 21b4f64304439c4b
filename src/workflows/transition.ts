import type { DesiredHost, DesiredState } from '../model/desired.ts';
import type { Membership } from '../model/membership.ts';
import type { Service } from '../model/service.ts';
import { departuresFrom } from '../model/stage.ts';
import type { Instance, Topology } from '../model/topology.ts';
import { platformOf } from '../platform/index.ts';
import { resolveTopology, withFormerMembers } from '../topology/index.ts';
import type { Cloud } from './cloud.ts';

/** A cloud between who belonged and who shall. */
export interface Transition {
  /** Everybody who takes part: who leaves too. */
  readonly all: Topology;
  /** As desired, and what those who leave are asked of themselves: they are to have nothing. */
  readonly desired: DesiredState;
  /** Hosts that the inventory does not name. */
  readonly leaving: readonly string[];
}

/** Whether hosts of the record are not in the topology, or have roles there that they are to give up. */
export function changesHands(recorded: Membership | undefined, { hosts }: Topology): boolean {
  return (recorded?.members ?? []).some(({ name, roles }) => {
    const wanted = hosts.find((host) => host.name === name);
    return wanted === undefined || roles.some((role) => !wanted.roles.includes(role));
  });
}

/** What comes of `former` members beside those that are wanted. The wanted ones are as they were described. */
export function transitionFrom(
  former: Membership['members'],
  wanted: Pick<Cloud, 'topology' | 'desired' | 'services'>,
): Transition {
  const { topology, desired, services } = wanted;
  const all = resolveTopology(withFormerMembers(topology.inventory, former), services, platformOf);
  const departures = departuresFrom(all, topology);
  const hosts = [...new Set(departures.map(({ host }) => host.name))];
  const asked = hosts.map((host): readonly [string, DesiredHost] => {
    const departing = departures.filter((instance) => instance.host.name === host);
    const stays = desired.hosts.get(host)?.services ?? [];
    return [host, { host, services: [...stays, ...departing.map((each) => askedOf(each, all, services))] }];
  });
  return {
    all,
    desired: { hosts: new Map([...desired.hosts, ...asked]) },
    leaving: hosts.filter((name) => topology.hosts.every((host) => host.name !== name)),
  };
}

const askedOf = (instance: Instance, all: Topology, services: readonly Service[]) => ({
  service: instance.service,
  resources: [],
  validators: [],
  probes: services.find(({ name }) => name === instance.service)?.probes?.(instance, all) ?? [],
  data: [],
});
