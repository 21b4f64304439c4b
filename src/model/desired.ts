import type { Belonging } from './membership.ts';
import type { Probe, Validator } from './probe.ts';
import type { Resource } from './resource.ts';
import type { Step } from './step.ts';

/** What every host should have, service by service in their order. */
export interface DesiredState {
  readonly hosts: ReadonlyMap<string, DesiredHost>;
}

export interface DesiredHost {
  readonly host: string;
  readonly services: readonly DesiredService[];
  /** What runs have put there that none of these services describes, and that stays nevertheless. */
  readonly leftAlone?: LeftAlone;
}

/** Whoever takes a run back takes nothing else along: not what the inventory of now would remove. */
interface LeftAlone {
  /** Paths. */
  readonly files: readonly string[];
  readonly belongings: readonly Belonging[];
}

export interface DesiredService {
  readonly service: string;
  readonly resources: readonly Resource[];
  readonly validators: readonly Validator[];
  readonly probes: readonly Probe[];
  /** Folders with what it keeps. */
  readonly data: readonly string[];
  /** Files of ours that go before its units are acted on: what a run has created that is taken back. */
  readonly removes?: readonly string[];
}

/** The units of a host a change of which could cut it off: from us, from the other hosts, or from clients. */
export const guardedUnits = (desired: DesiredHost | undefined): ReadonlySet<string> =>
  new Set(
    (desired?.services ?? [])
      .flatMap(({ resources }) => resources)
      .flatMap((resource) => (resource.kind === 'unit' && resource.guarded === true ? [resource.name] : [])),
  );

/** The guarded unit that a step starts, restarts or reloads. */
export const guardedUnitOf = (step: Step, guarded: ReadonlySet<string>): string | undefined =>
  step.kind === 'unit' && step.record !== undefined && guarded.has(step.unit) ? step.unit : undefined;
