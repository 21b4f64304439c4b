import type { Fault } from '../model/fault.ts';
import { instancesOf, type Topology } from '../model/topology.ts';
import { services } from '../services/index.ts';

/** What can be broken on purpose in this cloud, service by service. */
export const faultsOf = (topology: Topology): readonly Fault[] =>
  services.flatMap((service) => {
    const instances = instancesOf(topology, service.name);
    return instances.length === 0 ? [] : (service.faults?.(instances, topology) ?? []);
  });
