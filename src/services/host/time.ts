import type { Host } from '../../model/host.ts';
import type { Instance } from '../../model/topology.ts';
import type { HostSettings } from './settings.ts';

/** The hosts that all others follow while no time source can be reached: enough to survive one of them. */
export const timeKeepers = (members: readonly Host[]): readonly Host[] => members.slice(0, 3);

/** What chrony's template says. */
export function timeValues({ host, settings, members }: Instance<HostSettings>) {
  const keepers = timeKeepers(members);
  const serves = keepers.some(({ name }) => name === host.name);
  return {
    sources:
      settings.timeServers.length > 0
        ? settings.timeServers.map((address) => ({ kind: 'server', address }))
        : settings.timePools.map((address) => ({ kind: 'pool', address })),
    siblings: keepers.filter(({ name }) => name !== host.name).map(({ addresses }) => addresses.management),
    serves: serves && {
      address: host.addresses.management,
      clients: members.filter(({ name }) => name !== host.name).map(({ addresses }) => addresses.management),
    },
  };
}
