import type { McpError } from './failure.ts';
import type { Belonging, Membership } from './membership.ts';
import type { ProbeReply } from './probe.ts';
import type { DeployedRun, LastRuns } from './run.ts';

/** Format of `/var/lib/mcp` that this version reads and writes; older is migrated, newer is refused. */
export const hostFormat = 2;

/** What each host has now. A host that did not answer is `unreachable`, never "absent". */
export interface ObservedState {
  readonly hosts: ReadonlyMap<string, HostObservation>;
}

export type HostObservation =
  | ReachableHost
  | { readonly kind: 'unreachable'; readonly host: string; readonly failure: McpError };

export interface ReachableHost {
  readonly kind: 'reachable';
  readonly host: string;
  readonly bootId: string;
  /** The host's clock minus ours at the middle of the exchange, milliseconds. */
  readonly clockSkewMilliseconds: number;
  /** The skew may be this much more or less: what of the exchange's time went by on the way. */
  readonly clockUncertaintyMilliseconds: number;
  readonly release: string;
  /** Every managed path that was asked for. */
  readonly files: ReadonlyMap<string, ObservedFile>;
  /** Installed version by package name; absent: not installed. */
  readonly packages: ReadonlyMap<string, string>;
  readonly units: ReadonlyMap<string, ObservedUnit>;
  /** Records of `/var/lib/mcp/units`: what each unit was last (re)started, reloaded, or each task done with. */
  readonly records: ReadonlyMap<string, UnitRecord>;
  /** sha256 of each managed file as the last run left it, from `/var/lib/mcp/files`. */
  readonly appliedFiles: ReadonlyMap<string, string>;
  /** Who belongs to the cloud, as the last run that reached it has written it there; undefined: none did. */
  readonly membership: Membership | undefined;
  /** What runs have put there, by service. */
  readonly belongings: readonly Belonging[];
  /** What it remembers of the last runs; absent where there was none of a version that has it remembered. */
  readonly lastRuns?: LastRuns | undefined;
  /** Answers to the services' probes, by probe name. */
  readonly probes: ReadonlyMap<string, ProbeReply>;
  /** All addresses on its interfaces, without prefix. */
  readonly addresses: readonly string[];
  /** Name of the cloud that last deployed to it, and the format of its state; undefined on a fresh host. */
  readonly cloud: string | undefined;
  readonly format: number | undefined;
  readonly diskFreeBytes: number;
  readonly memoryTotalBytes: number;
  /** Transient `mcp-*` units that are still running. */
  readonly runningSteps: readonly string[];
}

export type ObservedFile =
  | { readonly kind: 'absent' }
  | { readonly kind: 'same' }
  | { readonly kind: 'directory'; readonly mode: string; readonly owner: string; readonly group: string }
  | {
      readonly kind: 'different';
      readonly sha256: string;
      readonly mode: string;
      readonly owner: string;
      readonly group: string;
      /** Undefined where only mode or owner differ. */
      readonly content: string | undefined;
    };

export interface ObservedUnit {
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  readonly unitFileState: string;
  readonly mainPid: number;
  /** Monotonic microseconds of the last start: with `bootId`, tells a restart. */
  readonly startedAtMicroseconds: number;
  /** Since when it is in this state; absent where the host has not said so. */
  readonly unchangedSeconds?: number;
}

/** Name of the record that says: this service left its host for a change, and has not rejoined yet. */
export const leftRecord = (service: string): string => `left-${service}`;

export interface UnitRecord {
  /** Fingerprint of the files that make a restart due, at the last (re)start; for a task, of what it read. */
  readonly restart: string;
  readonly reload: string;
}

/** The observation of `host` when it answered. */
export function reachable(observed: ObservedState, host: string): ReachableHost | undefined {
  const observation = observed.hosts.get(host);
  return observation?.kind === 'reachable' ? observation : undefined;
}

/** What `probe` printed on `host`; undefined when the host did not answer or the probe failed or was cut off. */
export function probeOutput(observed: ObservedState, host: string, probe: string): string | undefined {
  const reply = reachable(observed, host)?.probes.get(probe);
  return reply?.exitCode === 0 ? reply.stdout : undefined;
}

/**
 * What a file on a host holds now, where `desired` is what it is to hold: hosts send the content of files that differ in it.
 * Undefined: there is no such file, or it was not seen.
 */
export function foundContent(
  observed: ObservedState,
  { host, path }: { readonly host: string; readonly path: string },
  desired: string | undefined,
): string | undefined {
  const found = reachable(observed, host)?.files.get(path);
  if (found?.kind === 'same') return desired;
  return found?.kind === 'different' ? (found.content ?? desired) : undefined;
}

/** The newest record of who belongs that any host of the cloud has; undefined where none has one. */
export function membershipIn(observed: ObservedState, cloud: string): Membership | undefined {
  return (
    [...observed.hosts.keys()]
      .flatMap((host) => reachable(observed, host) ?? [])
      // A wrong address in an inventory can lead to a host of another cloud.
      .filter((now) => now.cloud === cloud)
      .flatMap(({ membership }) => membership ?? [])
      .toSorted((one, other) => other.generation - one.generation)[0]
  );
}

/** The last run that put files on any host of the cloud, as the hosts that answer remember it. */
export function lastDeployed(observed: ObservedState, cloud: string): DeployedRun | undefined {
  return [...observed.hosts.keys()]
    .flatMap((host) => reachable(observed, host) ?? [])
    .filter((now) => now.cloud === cloud)
    .flatMap(({ lastRuns }) => lastRuns?.deployed ?? [])
    .toSorted((one, other) => other.number - one.number)[0];
}

/** What of one kind runs have put on a host; nothing on one that does not answer. */
export const belongingsFound = (
  kind: Belonging['kind'],
  now: ReachableHost | undefined,
): readonly Belonging[] => (now?.belongings ?? []).filter((belonging) => belonging.kind === kind);

/** Whether a host has anything that a run put there. */
export const carriesOurs = ({ belongings, appliedFiles, records }: ReachableHost): boolean =>
  belongings.length > 0 || appliedFiles.size > 0 || records.size > 0;

/** Steps of earlier runs that hosts are still at, guards that are armed among them: what is seen may change when they end. */
export const stepsStillRunning = (
  observed: ObservedState,
): readonly { readonly host: string; readonly unit: string }[] =>
  [...observed.hosts.keys()].flatMap((host) =>
    (reachable(observed, host)?.runningSteps ?? []).map((unit) => ({ host, unit })),
  );
