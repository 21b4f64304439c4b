import type { DesiredState } from '../model/desired.ts';
import type { Membership } from '../model/membership.ts';
import type { ObservedState } from '../model/observed.ts';
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
