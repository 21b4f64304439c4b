import { readFileSync } from 'node:fs';
import type { HostObservation, ObservedState, ObservedUnit } from '../../../src/model/observed.ts';
import { probeName } from '../../../src/services/rabbitmq/probe.ts';

/** What a member's probe printed in the lab. */
export const reply = (name: string): string =>
  readFileSync(new URL(`./replies/${name}.txt`, import.meta.url), 'utf8');

const running: ObservedUnit = {
  loadState: 'loaded',
  activeState: 'active',
  subState: 'running',
  unitFileState: 'enabled',
  mainPid: 1,
  startedAtMicroseconds: 1,
};

/** Hosts whose probe printed this; `undefined`: it was cut off by its deadline. */
export function observedWith(
  printed: Readonly<Record<string, string | undefined>>,
  state = 'active',
): ObservedState {
  const hosts = Object.entries(printed).map(([host, stdout]): [string, HostObservation] => [
    host,
    {
      kind: 'reachable',
      host,
      bootId: 'b',
      clockSkewMilliseconds: 0,
      clockUncertaintyMilliseconds: 0,
      release: 'bookworm',
      files: new Map(),
      packages: new Map(),
      units: new Map([['rabbitmq-server.service', { ...running, activeState: state }]]),
      records: new Map(),
      appliedFiles: new Map(),
      membership: undefined,
      belongings: [],
      probes: new Map([
        [probeName, stdout === undefined ? { exitCode: 124, stdout: '' } : { exitCode: 0, stdout }],
      ]),
      addresses: [],
      cloud: undefined,
      format: undefined,
      diskFreeBytes: 0,
      memoryTotalBytes: 0,
      runningSteps: [],
    },
  ]);
  return { hosts: new Map(hosts) };
}
