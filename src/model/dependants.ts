import type { Service } from './service.ts';
import type { Topology } from './topology.ts';

/**
 * The services that can't be well while `service` serves nobody: itself, and those that come after it or after one of
 * them. Fronts are none of them: they come after what they lead to and run without it, so what is wrong with a front
 * itself is a trouble of its own.
 */
export function dependantsOf(
  service: string,
  { services, topology }: { readonly services: readonly Service[]; readonly topology: Topology },
): ReadonlySet<string> {
  const fronts = new Set(topology.fronts.map((front) => front.service));
  const dependants = new Set([service]);
  // A set that grows is visited to its end.
  for (const name of dependants) {
    for (const later of services) {
      if (later.after.includes(name) && !fronts.has(later.name)) dependants.add(later.name);
    }
  }
  if (fronts.has(service)) dependants.delete(service);
  return dependants;
}
