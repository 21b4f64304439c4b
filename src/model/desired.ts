import type { Probe, Validator } from './probe.ts';
import type { Resource } from './resource.ts';

/** What every host should have, service by service in their order. */
export interface DesiredState {
  readonly hosts: ReadonlyMap<string, DesiredHost>;
}

export interface DesiredHost {
  readonly host: string;
  readonly services: readonly DesiredService[];
}

export interface DesiredService {
  readonly service: string;
  readonly resources: readonly Resource[];
  readonly validators: readonly Validator[];
  readonly probes: readonly Probe[];
  /** Folders with what it keeps. */
  readonly data: readonly string[];
}
