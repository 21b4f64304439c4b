import type { Service } from './service.ts';
import { inDeployOrder } from './service-order.ts';
import { instancesOf, type Topology } from './topology.ts';

/** What is left of the services that `host` has while all of `missing` are away: "galera 2 of 3", one a service. */
export const capacityWithout = (
  host: string,
  missing: ReadonlySet<string>,
  { services, topology }: { readonly services: readonly Service[]; readonly topology: Topology },
): readonly string[] =>
  inDeployOrder(services).flatMap(({ name, roles }) => {
    const hosts = instancesOf(topology, name).map((instance) => instance.host.name);
    if (roles === 'all' || !hosts.includes(host)) return [];
    return [`${name} ${hosts.filter((each) => !missing.has(each)).length} of ${hosts.length}`];
  });
