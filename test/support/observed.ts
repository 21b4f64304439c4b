import { McpError } from '../../src/model/failure.ts';
import type { HostObservation, ObservedState, ReachableHost } from '../../src/model/observed.ts';

export interface ObservedWanted extends Partial<Omit<ReachableHost, 'units' | 'probes'>> {
  /** Active state by unit. */
  readonly units?: Readonly<Record<string, string>>;
  /** Output by probe. */
  readonly probes?: Readonly<Record<string, string>>;
}

/** A host that answered, with what the test says of it. */
export function observedHost(
  host: string,
  { units = {}, probes = {}, ...wanted }: ObservedWanted = {},
): ReachableHost {
  return {
    kind: 'reachable',
    host,
    bootId: `boot-of-${host}`,
    clockSkewMilliseconds: 0,
    clockUncertaintyMilliseconds: 0,
    release: 'bookworm',
    files: new Map(),
    packages: new Map(),
    records: new Map(),
    appliedFiles: new Map(),
    membership: undefined,
    belongings: [],
    addresses: [],
    cloud: 'lab',
    format: 1,
    diskFreeBytes: 20e9,
    memoryTotalBytes: 4e9,
    runningSteps: [],
    ...wanted,
    units: new Map(
      Object.entries(units).map(([name, activeState]) => [
        name,
        {
          loadState: 'loaded',
          activeState,
          subState: 'running',
          unitFileState: 'enabled',
          mainPid: 100,
          startedAtMicroseconds: 1,
        },
      ]),
    ),
    probes: new Map(Object.entries(probes).map(([name, stdout]) => [name, { exitCode: 0, stdout }])),
  };
}

export const unreachableHost = (host: string): HostObservation => ({
  kind: 'unreachable',
  host,
  failure: new McpError('unreachable', `${host} does not answer`, { host }),
});

export const observed = (...hosts: readonly HostObservation[]): ObservedState => ({
  hosts: new Map(hosts.map((host) => [host.host, host])),
});
