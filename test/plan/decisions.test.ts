import { expect, test } from 'vitest';
import type { ObservedFile, ObservedUnit, ReachableHost } from '../../src/model/observed.ts';
import { batchesOf } from '../../src/plan/batches.ts';
import { editedInMeaning, fileChanges } from '../../src/plan/files.ts';
import { unitSteps } from '../../src/plan/units.ts';
import {
  configFile,
  fingerprintOf,
  runningUnit,
  sha256,
  wholeFingerprintOf,
} from '../../src/resources/index.ts';
import { deployedHosts, simulatedCloud } from '../support/simulated-cloud.ts';
import { observe } from '../support/simulated-hosts.ts';
import { simulatedServices, simulatedTopology } from '../support/simulated-services.ts';

const path = '/etc/alpha.conf';
const file = {
  ...configFile({ path, template: 'alpha', content: 'members = a b\nvalue = 1\n' }),
  readAtStart: /^members = /,
};

/** A host of a deployed cloud, with what a test says of it. */
function hostWith(wanted: Partial<ReachableHost>): ReachableHost {
  const host = observe(deployedHosts(), simulatedCloud().desired).hosts.get('ctl01');
  if (host?.kind !== 'reachable') throw new Error('ctl01 was not observed');
  return { ...host, ...wanted };
}

const found = (content: string) => ({
  ...{ kind: 'different' as const, sha256: sha256(content), mode: '0600', owner: 'root', group: 'root' },
  content,
});
const withFile = (now: ObservedFile, applied: string): ReachableHost =>
  hostWith({ files: new Map([[path, now]]), appliedFiles: new Map([[path, sha256(applied)]]) });

test('whoever has brought a file to what is wanted by hand has edited nothing that is lost', () => {
  const now = withFile(found(file.content), 'value = 0\n');
  expect(fileChanges([file], 'alpha', now)).toMatchObject([{ action: 'attributes', edited: false }]);
});

test('an edit that is too large to be looked at means something', () => {
  const now = withFile({ ...found('value = 9\n'), content: undefined }, file.content);
  const changes = fileChanges([file], 'alpha', now);
  expect(changes).toMatchObject([{ action: 'update', edited: true }]);
  expect([...editedInMeaning([file], changes, now)]).toEqual([path]);
});

const unit = runningUnit('alpha.service', { restartOn: [path] });
const running: ObservedUnit = {
  ...{ loadState: 'loaded', activeState: 'active', subState: 'running', unitFileState: 'enabled' },
  ...{ mainPid: 1, startedAtMicroseconds: 1 },
};

function actionsOn(state: Partial<ObservedUnit>, recorded: string, files = [file]): readonly string[] {
  const now = hostWith({
    units: new Map([[unit.name, { ...running, ...state }]]),
    records: new Map([[unit.name, { restart: recorded, reload: fingerprintOf([]) }]]),
  });
  const context = { now, files: new Map(files.map((each) => [each.path, each])), edited: new Set<string>() };
  const { steps } = unitSteps(unit, { ...context, installing: false, bootstrap: undefined });
  return steps.map((step) => (step.kind === 'unit' ? step.action : step.kind));
}

const asWanted = fingerprintOf([file]);

test('a unit that waits to be started again after a failure does not run; one on its way up does', () => {
  expect(actionsOn({ activeState: 'activating', subState: 'auto-restart' }, asWanted)).toEqual(['start']);
  expect(actionsOn({ activeState: 'activating', subState: 'start-post' }, asWanted)).toEqual([]);
  expect(actionsOn({ activeState: 'failed', subState: 'failed' }, asWanted)).toEqual(['start']);
});

test('what a host was kept from starting, since its role had left, may be started again before it is', () => {
  const stopped = { activeState: 'inactive', subState: 'dead' };
  for (const unitFileState of ['masked', 'masked-runtime'])
    expect(actionsOn({ ...stopped, unitFileState }, asWanted)).toEqual(['enable', 'start']);
  expect(actionsOn({ ...stopped, unitFileState: 'disabled' }, asWanted)).toEqual(['start', 'enable']);
});

test('what was made of a script of the old kind is enabled where the unit in its place is ours, and nowhere else', () => {
  const generated = { unitFileState: 'generated' };
  const ours = { ...file, path: `/etc/systemd/system/${unit.name}` };
  expect(actionsOn(generated, asWanted, [file, ours])).toEqual(['enable']);
  expect(actionsOn(generated, asWanted)).toEqual([]);
});

test('a record of an earlier version, over whole files, makes no restart due', () => {
  expect(wholeFingerprintOf([file])).not.toBe(asWanted);
  expect(actionsOn({}, wholeFingerprintOf([file]))).toEqual([]);
  expect(actionsOn({}, 'another')).toEqual(['restart']);
});

test('members of whom one has to serve are acted on one by one, however their service rolls', () => {
  const [, front] = simulatedServices(
    { restart: 1, reload: 1, comment: 1, unitFile: 1 },
    { writer: 'ctl01', vip: 'prx01' },
  );
  if (front === undefined) throw new Error('there is no front');
  const service = { ...front, rolling: { first: 'together', later: 'together' } as const };
  const topology = simulatedTopology([service]);
  const { desired } = simulatedCloud();
  const request = {
    ...{ topology, desired, services: [service], observed: observe(deployedHosts(), desired) },
    overwriteDrift: false,
  };
  const hosts = ['prx01', 'prx02'].map((host) => ({
    host,
    steps: [],
    files: [],
    admission: [],
    admits: false,
    closes: false,
    last: [],
    effect: 'disrupts' as const,
  }));
  const change = {
    service,
    instances: topology.instances,
    hosts,
    files: [],
    admissions: [],
    withheld: [],
    closing: [],
    last: [],
    bootstrap: undefined,
  };
  const batches = batchesOf({ ...change, first: false, newcomers: new Set() }, request);
  expect(batches.map((batch) => batch.hosts.map(({ host }) => host))).toEqual([['prx02'], ['prx01']]);
});
