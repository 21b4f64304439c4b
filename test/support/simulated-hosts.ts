import type { DesiredState } from '../../src/model/desired.ts';
import type { Belonging, Membership } from '../../src/model/membership.ts';
import {
  type ObservedFile,
  type ObservedState,
  type ObservedUnit,
  type ReachableHost,
  reachable,
  type UnitRecord,
} from '../../src/model/observed.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { FileResource } from '../../src/model/resource.ts';
import type { Step } from '../../src/model/step.ts';
import { belongingsOf, sha256 } from '../../src/resources/index.ts';

/** What a host really has, from which an observation against any desired state can be told. */
export interface SimulatedHost {
  readonly files: ReadonlyMap<string, Pick<FileResource, 'content' | 'mode' | 'owner' | 'group'>>;
  readonly directories: ReadonlyMap<string, { mode: string; owner: string; group: string }>;
  readonly packages: ReadonlySet<string>;
  readonly units: ReadonlyMap<string, { readonly active: boolean; readonly enabled: boolean }>;
  readonly records: ReadonlyMap<string, UnitRecord>;
  readonly applied: ReadonlyMap<string, string>;
  readonly cloud: string | undefined;
  readonly membership: Membership | undefined;
  readonly belongings: readonly Belonging[];
}

export type SimulatedHosts = ReadonlyMap<string, SimulatedHost>;

export const freshHost: SimulatedHost = {
  files: new Map(),
  directories: new Map(),
  packages: new Set(),
  units: new Map(),
  records: new Map(),
  applied: new Map(),
  cloud: undefined,
  membership: undefined,
  belongings: [],
};

const nobodys = { cloud: undefined, membership: undefined, belongings: [] };

/** One step of a plan on one host. */
export interface Act {
  readonly batch: number;
  readonly service: string;
  readonly host: string;
  readonly step: Step;
}

/** Every step of a plan in the order in which one host after the other would do it. */
export const actsOf = (plan: Plan): readonly Act[] =>
  plan.batches.flatMap((batch) =>
    batch.hosts.flatMap(({ host, steps }) =>
      steps.map((step) => ({ batch: batch.id, service: batch.service, host, step })),
    ),
  );

/** The hosts after one step, files coming from what is desired. */
export function afterAct(hosts: SimulatedHosts, { host, step }: Act, desired: DesiredState): SimulatedHosts {
  const before = hosts.get(host) ?? freshHost;
  const managed = new Map(filesOf(desired, host).map((file) => [file.path, file]));
  const after = afterStep(before, step, managed);
  if (step.kind === 'release') return new Map([...hosts, [host, after]]);
  const wanted = belongingsOf(desired.hosts.get(host));
  const belongings =
    step.kind === 'record-membership' ? distinct(wanted) : distinct([...before.belongings, ...wanted]);
  return new Map([...hosts, [host, { ...after, belongings, cloud: 'lab' }]]);
}

/** The host once a run has begun there: what it is about to put there is noted, and who takes part. */
export function begunOn(hosts: SimulatedHosts, host: string, { desired, intent }: Beginning): SimulatedHosts {
  const before = hosts.get(host) ?? freshHost;
  const belongings = distinct([...before.belongings, ...belongingsOf(desired.hosts.get(host))]);
  const membership = intent ?? before.membership;
  return new Map([...hosts, [host, { ...before, belongings, membership, cloud: 'lab' }]]);
}

interface Beginning {
  readonly desired: DesiredState;
  readonly intent: Plan['intent'];
}

const distinct = (belongings: readonly Belonging[]): readonly Belonging[] => [
  ...new Map(belongings.map((each) => [JSON.stringify(each), each])).values(),
];

function afterStep(
  host: SimulatedHost,
  step: Step,
  managed: ReadonlyMap<string, FileResource>,
): SimulatedHost {
  switch (step.kind) {
    case 'install-packages':
      return { ...host, packages: new Set([...host.packages, ...step.packages]) };
    case 'make-directory':
      return { ...host, directories: new Map([...host.directories, [step.path, step]]) };
    case 'swap-files': {
      const files = step.paths.flatMap((path) => managed.get(path) ?? []);
      const forgets = step.forgets ?? [];
      return {
        ...host,
        files: new Map([...host.files, ...files.map((file) => [file.path, file] as const)]),
        applied: new Map([
          ...host.applied,
          ...files.map((file) => [file.path, sha256(file.content)] as const),
        ]),
        records: new Map([...host.records].filter(([name]) => !forgets.includes(name))),
      };
    }
    case 'unit':
      return afterUnitAction(host, step);
    case 'bootstrap':
      return afterUnitAction(host, { ...step, kind: 'unit', action: 'start' });
    case 'task':
      return recorded(host, `task-${step.name}`, { restart: step.fingerprint, reload: step.fingerprint });
    case 'remove-files':
      return {
        ...host,
        files: new Map([...host.files].filter(([path]) => !step.paths.includes(path))),
        directories: new Map([...host.directories].filter(([path]) => !step.directories.includes(path))),
        applied: new Map([...host.applied].filter(([path]) => !step.paths.includes(path))),
      };
    case 'remove-data':
      return host;
    case 'record-membership':
      return { ...host, membership: step.membership };
    case 'release':
      // What is known of it goes; what is there and nobody took away would stay for ever.
      return { ...host, records: new Map(), applied: new Map(), ...nobodys };
  }
}

function afterUnitAction(host: SimulatedHost, step: Extract<Step, { kind: 'unit' }>): SimulatedHost {
  const now = host.units.get(step.unit) ?? { active: false, enabled: false };
  const next = {
    'reload-daemon': now,
    enable: { ...now, enabled: true },
    'disable-and-stop': { active: false, enabled: false },
    retire: { active: false, enabled: false },
    start: { ...now, active: true },
    restart: { ...now, active: true },
    reload: now,
  }[step.action];
  if (step.action === 'reload-daemon') return host;
  const acted = { ...host, units: new Map([...host.units, [step.unit, next]]) };
  if (step.action === 'retire') {
    return { ...acted, records: new Map([...acted.records].filter(([name]) => name !== step.unit)) };
  }
  return step.record ? recorded(acted, step.unit, step.record) : acted;
}

const recorded = (host: SimulatedHost, name: string, record: UnitRecord): SimulatedHost => ({
  ...host,
  records: new Map([...host.records, [name, record]]),
});

/** What would be observed of these hosts by one who wants `desired`; hosts that are not in the map do not answer. */
export const observe = (hosts: SimulatedHosts, desired: DesiredState): ObservedState => ({
  hosts: new Map([...hosts].map(([name, host]) => [name, observation(name, host, desired)])),
});

function observation(name: string, host: SimulatedHost, desired: DesiredState): ReachableHost {
  const files = filesOf(desired, name).map((file) => [file.path, observedFile(file, host)] as const);
  const directories = [...host.directories].map(
    ([path, { mode, owner, group }]) => [path, { kind: 'directory', mode, owner, group } as const] as const,
  );
  return {
    kind: 'reachable',
    host: name,
    bootId: 'boot',
    clockSkewMilliseconds: 0,
    clockUncertaintyMilliseconds: 0,
    release: 'bookworm',
    files: new Map<string, ObservedFile>([...directories, ...files]),
    packages: new Map([...host.packages].map((packageName) => [packageName, '1'])),
    units: new Map([...host.units].map(([unit, state]) => [unit, observedUnit(state)])),
    records: host.records,
    appliedFiles: host.applied,
    membership: host.membership,
    belongings: host.belongings,
    probes: new Map(),
    addresses: [],
    cloud: host.cloud,
    format: host.cloud === undefined ? undefined : 1,
    diskFreeBytes: 1e10,
    memoryTotalBytes: 1e10,
    runningSteps: [],
  };
}

function observedFile(wanted: FileResource, host: SimulatedHost): ObservedFile {
  const found = host.files.get(wanted.path);
  if (!found) return { kind: 'absent' };
  const sameContent = found.content === wanted.content;
  const { mode, owner, group } = found;
  if (sameContent && mode === wanted.mode && owner === wanted.owner && group === wanted.group) {
    return { kind: 'same' };
  }
  const content = sameContent ? undefined : found.content;
  return { kind: 'different', sha256: sha256(found.content), mode, owner, group, content };
}

const observedUnit = ({ active, enabled }: { active: boolean; enabled: boolean }): ObservedUnit => ({
  loadState: 'loaded',
  activeState: active ? 'active' : 'inactive',
  subState: active ? 'running' : 'dead',
  unitFileState: enabled ? 'enabled' : 'disabled',
  mainPid: active ? 100 : 0,
  startedAtMicroseconds: active ? 1 : 0,
});

const filesOf = (desired: DesiredState, host: string): readonly FileResource[] =>
  (desired.hosts.get(host)?.services ?? [])
    .flatMap(({ resources }) => resources)
    .filter((resource) => resource.kind === 'file');

/** Whether `unit` runs on `host` as observed. */
export const isUp = (observed: ObservedState, host: string, unit: string): boolean =>
  reachable(observed, host)?.units.get(unit)?.activeState === 'active';
