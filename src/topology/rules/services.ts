import type { Diagnostic } from '../../model/diagnostic.ts';
import { instancesOf } from '../../model/topology.ts';
import type { ResolvedRule } from './rule.ts';

/** What services themselves say is wrong with their settings beside the rest of the inventory. */
export const serviceMistakes: ResolvedRule = (topology, { services }) =>
  services.flatMap((service) => {
    const instances = instancesOf(topology, service.name);
    if (instances.length === 0) return [];
    return (service.mistakes?.(instances, topology) ?? []).map(
      (mistake): Diagnostic => ({ ...mistake, path: ['services', service.name, ...mistake.path] }),
    );
  });
