import type { Attempt } from '../../src/drill/attempt.ts';
import type { Clock } from '../../src/drill/clock.ts';
import { plantedNumber } from '../../src/drill/consistency/control.ts';
import type { DrillContext } from '../../src/drill/context.ts';
import type { DrillEvent } from '../../src/drill/event.ts';
import type { Load } from '../../src/drill/load/load.ts';
import type { Fault } from '../../src/model/fault.ts';
import type { Connection } from '../../src/model/transport.ts';
import { aTopology } from '../support/topology.ts';

/** A cluster in memory on a clock that runs only while someone sleeps: everything it was told, in order. */
export interface FakeCluster {
  readonly context: DrillContext;
  /** What was done to hosts: `ctl01 arm`, `ctl01 break`, `ctl01 heal`, `ctl01 power off`. */
  readonly done: readonly string[];
  readonly events: readonly DrillEvent[];
  interrupt(): void;
}

export interface FakeClusterWanted {
  readonly faults: readonly Fault[];
  readonly healthy?: (done: readonly string[]) => boolean;
  /** Whether an attempt that starts now succeeds. */
  readonly answers?: (done: readonly string[], now: number) => boolean;
  readonly hasPower?: boolean;
  /** What a host prints when the healing is armed. */
  readonly armed?: (host: string) => string;
  /** What a host's systemd says of itself. */
  readonly systemState?: (host: string) => string;
  /** Milliseconds that a host takes to go down. */
  readonly goesDownWithin?: number;
  readonly onSleep?: (cluster: { interrupt(): void; readonly done: readonly string[] }) => void;
}

export function fakeCluster(wanted: FakeClusterWanted): FakeCluster {
  const done: string[] = [];
  const events: DrillEvent[] = [];
  const controller = new AbortController();
  const attempts: Attempt[] = [];
  let now = 0;
  const answers = wanted.answers ?? (() => true);
  const clock: Clock = {
    now: () => now,
    wallClock: () => now,
    async sleep(milliseconds, signal) {
      wanted.onSleep?.({ done, interrupt: () => controller.abort() });
      const until = now + Math.max(0, milliseconds);
      for (; now < until; now += 50) attempts.push(attemptAt(now, answers(done, now)));
      signal?.throwIfAborted();
    },
  };
  const topology = aTopology();
  const connect = async (host: string): Promise<Connection> => ({
    host,
    async run(script) {
      const { act, stdout } = replyTo(host, script, wanted);
      if (act !== undefined) done.push(`${host} ${act}`);
      return { exitCode: 0, stdout, stderr: '' };
    },
    hold: async () => ({ kind: 'ended', result: { exitCode: 0, stdout: '', stderr: '' } }),
    [Symbol.asyncDispose]: async () => undefined,
  });
  const addresses = new Map(topology.vips.map(({ address, candidates }) => [candidates[0]?.name, address]));
  const observe = async () => {
    const healthy = wanted.healthy?.(done) ?? true;
    const findings = healthy ? [] : [{ severity: 'red' as const, hosts: [], message: 'a member is missing' }];
    const hosts = new Map(
      topology.hosts.map(({ name }) => [name, observedHost(name, addresses.get(name))] as const),
    );
    return {
      observed: { hosts },
      health: { healthy, results: [{ check: 'c', service: 's', title: 't', findings }] },
    };
  };
  const context: DrillContext = {
    topology,
    faults: wanted.faults,
    run: 'run',
    observe,
    connect,
    workload: { start: async () => loadOf(attempts), readBack: async () => nothingLost },
    power: wanted.hasPower === false ? undefined : powerOf(done, () => now, wanted.goesDownWithin ?? 3000),
    clock,
    emit: (event) => events.push(event),
    signal: controller.signal,
  };
  return { context, done, events, interrupt: () => controller.abort() };
}

const attemptAt = (now: number, success: boolean): Attempt => ({
  series: 'sql',
  number: now / 50,
  scheduledAt: now,
  startedAt: now,
  endedAt: now + 5,
  failure: success ? undefined : 'refused',
});

function replyTo(
  host: string,
  script: string,
  wanted: FakeClusterWanted,
): { readonly act?: string; readonly stdout: string } {
  if (script.includes('systemd-run')) return { act: 'arm', stdout: wanted.armed?.(host) ?? 'armed\n' };
  if (script.includes('BREAK')) return { act: 'break', stdout: '' };
  if (script.includes('HEAL')) return { act: 'heal', stdout: '' };
  if (script.includes('poweroff')) return { act: 'shut down', stdout: '' };
  if (script.includes('is-system-running')) return { stdout: wanted.systemState?.(host) ?? 'running\n' };
  return { stdout: '' };
}

function powerOf(done: string[], now: () => number, goesDownWithin: number) {
  const askedAt = new Map<string, number>();
  const power: NonNullable<DrillContext['power']> = {
    cut: async (hosts) => void done.push(`${hosts.join('+')} power off`),
    on: async (hosts) => void done.push(`${hosts.join('+')} power on`),
    isOff: async (host) => {
      if (!done.includes(`${host} shut down`)) return false;
      const since = askedAt.get(host) ?? now();
      askedAt.set(host, since);
      const isOff = now() - since >= goesDownWithin;
      if (isOff && !done.includes(`${host} is off`)) done.push(`${host} is off`);
      return isOff;
    },
    armOn: async (hosts, { after }) => {
      const names = hosts.join('+');
      done.push(`${names} arm power after ${after}`);
      return { isArmed: async () => true, disarm: async () => void done.push(`${names} disarm power`) };
    },
  };
  return power;
}

const loadOf = (attempts: readonly Attempt[]): Load => ({
  series: [{ name: 'sql', endpoint: 'sql' }],
  attempts,
  promised: {
    rowsAttempted: [plantedNumber],
    rowsAcknowledged: new Map(),
    messagesAttempted: [plantedNumber],
    messagesConfirmed: new Set(),
  },
  dropped: 0,
  stop: async () => undefined,
});

const nothingLost = {
  rows: {
    sawPlantedLoss: true,
    verdict: { acknowledged: 10, lost: [], unexpected: [], diverging: [], resolved: 0 },
  },
  messages: {
    sawPlantedLoss: true,
    verdict: { confirmed: 10, lost: [], unexpected: [], duplicates: 0, resolved: 0 },
  },
};

const observedHost = (host: string, vip: string | undefined) => ({
  kind: 'reachable' as const,
  host,
  bootId: 'boot',
  clockSkewMilliseconds: 0,
  clockUncertaintyMilliseconds: 0,
  release: 'bookworm',
  files: new Map(),
  packages: new Map(),
  units: new Map(),
  records: new Map(),
  appliedFiles: new Map(),
  membership: undefined,
  belongings: [],
  probes: new Map(),
  addresses: vip === undefined ? [] : [vip],
  cloud: 'lab',
  format: 1,
  diskFreeBytes: 1,
  memoryTotalBytes: 1,
  runningSteps: [],
});
