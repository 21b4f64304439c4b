import type { DesiredState } from '../model/desired.ts';
import { type Membership, restingIn } from '../model/membership.ts';
import { type ObservedState, reachable } from '../model/observed.ts';
import type { Service } from '../model/service.ts';
import type { Topology } from '../model/topology.ts';

/** A host that is taken out, or comes back, as found. */
export interface MaintenanceRequest {
  readonly host: string;
  readonly topology: Topology;
  readonly services: readonly Service[];
  readonly desired: DesiredState;
  readonly observed: ObservedState;
  /** What hosts have on record; undefined: nothing yet. */
  readonly recorded: Membership | undefined;
}

/** The names of others that do not answer, though nobody took them out. */
export function silentOthers({ host, topology, observed, recorded }: MaintenanceRequest): readonly string[] {
  const resting = restingIn(recorded);
  return topology.hosts
    .map(({ name }) => name)
    .filter((name) => name !== host && !resting.has(name) && !reachable(observed, name));
}
