import type { Health } from '../model/check.ts';
import type { Fault } from '../model/fault.ts';
import type { ObservedState } from '../model/observed.ts';
import type { Topology } from '../model/topology.ts';
import type { Connect } from '../model/transport.ts';
import type { Clock } from './clock.ts';
import type { ReadBack } from './consistency/read-back.ts';
import type { DrillEvent } from './event.ts';
import type { Load, Promised } from './load/load.ts';

/** What a drill needs of the rest of the program. */
export interface DrillContext {
  readonly topology: Topology;
  /** Contributed by the services of this inventory. */
  readonly faults: readonly Fault[];
  /** Name of this run, in the names of rows and queues. */
  readonly run: string;
  observe(signal?: AbortSignal): Promise<Observation>;
  readonly connect: Connect;
  readonly workload: Workload;
  /** Undefined where nobody can cut power: on hosts outside a lab. */
  readonly power: Power | undefined;
  readonly clock: Clock;
  readonly emit: (event: DrillEvent) => void;
  /** Aborted by the first Ctrl-C: heal now, verify, and end. */
  readonly signal: AbortSignal;
}

/** The clients of a trial. */
export interface Workload {
  /** Starts every probe; `run` tells rows and messages apart, `hit` are the hosts that something is about to be done to. */
  start(run: string, hit: readonly string[]): Promise<Load>;
  /** Looks for everything that clients were promised. */
  readBack(run: string, promised: Promised): Promise<ReadBack>;
}

export interface Observation {
  readonly observed: ObservedState;
  readonly health: Health;
}

/** The plug of each host, as the lab has it. */
export interface Power {
  /** Ends everything on the hosts at once. */
  cut(hosts: readonly string[]): Promise<void>;
  /** Brings them back; does nothing with those that are on. */
  on(hosts: readonly string[]): Promise<void>;
  isOff(host: string): Promise<boolean>;
  /** Brings them back after some seconds, by processes that outlive this one. */
  armOn(hosts: readonly string[], wish: PowerReturn): Promise<ArmedPower>;
}

interface PowerReturn {
  readonly seconds: number;
  /** After a shutdown a host may still be on its way down then, and is waited for. */
  readonly after: 'cut' | 'shutdown';
}

interface ArmedPower {
  /** Whether the processes that will bring the hosts back are there and waiting. */
  isArmed(): Promise<boolean>;
  disarm(): Promise<void>;
}
