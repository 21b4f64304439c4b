import type { DesiredState } from '../model/desired.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Service } from '../model/service.ts';
import type { Topology } from '../model/topology.ts';

/** What a plan is made of. */
export interface PlanRequest {
  readonly topology: Topology;
  readonly services: readonly Service[];
  readonly desired: DesiredState;
  readonly observed: ObservedState;
  /** Files that someone else edited are replaced instead of refused. */
  readonly overwriteDrift: boolean;
  /** Hosts that may be missing; the next run catches them up. */
  readonly allowUnreachable?: readonly string[];
  /** The only hosts to act on; undefined: all. What is rendered does not depend on it. */
  readonly limit?: readonly string[];
}
