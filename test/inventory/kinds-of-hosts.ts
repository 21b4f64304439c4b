import type { Host } from '../../src/model/host.ts';
import type { Topology } from '../../src/model/topology.ts';

/**
 * The first host of each kind: those of the same roles, of the same release, and of which the same is said, are given the
 * same files but for names and addresses.
 */
export function oneOfEachKind({ hosts, instances }: Pick<Topology, 'hosts' | 'instances'>): readonly Host[] {
  const kindOf = ({ name, roles, platform }: Host): string => {
    const settings = instances.filter(({ host }) => host.name === name).map((each) => each.settings);
    return JSON.stringify([roles.toSorted(), platform.release, settings]);
  };
  return [...new Map(hosts.toReversed().map((host) => [kindOf(host), host])).values()];
}
