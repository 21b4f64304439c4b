import { expect, test } from 'vitest';
import type { DesiredHost, DesiredState } from '../../src/model/desired.ts';
import type { EarlierFile } from '../../src/model/earlier.ts';
import type { ObservedFile } from '../../src/model/observed.ts';
import type { Resource } from '../../src/model/resource.ts';
import { earlierState } from '../../src/plan/index.ts';
import {
  configFile,
  directory,
  installedPackages,
  runningUnit,
  sha256,
  stoppedUnit,
  task,
} from '../../src/resources/index.ts';
import { type ObservedWanted, observedHost } from '../support/observed.ts';
import { deployedHosts, simulatedCloud } from '../support/simulated-cloud.ts';
import { observe } from '../support/simulated-hosts.ts';

const rootOwned = { mode: '0644', owner: 'root', group: 'root' };
const was = (content: string): EarlierFile => ({ kind: 'ours', content, ...rootOwned, isLive: false });
const created: EarlierFile = { kind: 'not-ours', isThere: true };
const file = (path: string, content = 'now') => configFile({ path, content, template: 't' });
const different = (content: string): ObservedFile => ({
  ...{ kind: 'different', sha256: sha256(content), ...rootOwned, content },
});

interface Case {
  readonly resources: readonly Resource[];
  /** What the host has; what runs have applied is the same unless said otherwise. */
  readonly files: Readonly<Record<string, ObservedFile>>;
  readonly applied?: Readonly<Record<string, string>>;
  readonly earlier?: Readonly<Record<string, EarlierFile>>;
  readonly host?: ObservedWanted;
}

/** One service on one host, taken back. */
function takeBack({ resources, files, applied = {}, earlier = {}, host = {} }: Case) {
  const described = resources.filter((resource) => resource.kind === 'file');
  const found = new Map(Object.entries(files));
  const hashes = described.flatMap(({ path, content }): [string, string][] => {
    const now = found.get(path);
    if (now?.kind === 'different') return [[path, now.sha256]];
    return now?.kind === 'same' ? [[path, sha256(content)]] : [];
  });
  const observed = observedHost('ctl01', {
    ...{ files: found, appliedFiles: new Map([...hashes, ...Object.entries(applied)]), ...host },
  });
  const service = { service: 'alpha', resources, validators: [], probes: [], data: ['/var/lib/alpha'] };
  const today: DesiredState = { hosts: new Map([['ctl01', { host: 'ctl01', services: [service] }]]) };
  const state = earlierState(
    today,
    { hosts: new Map([['ctl01', observed]]) },
    new Map([['ctl01', new Map(Object.entries(earlier))]]),
  );
  const [only] = [...state.desired.hosts.values()];
  return { ...state, host: only, ...partsOf(only) };
}

const partsOf = (host: DesiredHost | undefined) => ({
  resources: host?.services[0]?.resources ?? [],
  removes: host?.services[0]?.removes ?? [],
});

const record = { restart: '', reload: '' };

test('every host of a cloud is brought back to where a deploy of what was there then finds nothing to do', () => {
  const before = deployedHosts();
  const cloud = simulatedCloud({ restart: 2, reload: 2, comment: 2, unitFile: 2 });
  const after = cloud.perform(cloud.plan(before), before);
  const earlier = new Map(
    [...before].map(([host, { files }]) => [
      host,
      new Map([...files].map(([path, found]) => [path, { ...found, kind: 'ours', isLive: false } as const])),
    ]),
  );
  const observed = observe(after, cloud.desired);
  const { desired, obstacles, refusals } = earlierState(cloud.desired, observed, earlier);
  expect([obstacles, refusals]).toEqual([[], []]);
  const plan = cloud.plan(after, { desired, observed: observe(after, desired) });
  expect(plan.refusals).toEqual([]);
  const back = simulatedCloud().perform(plan, after);
  expect(cloud.plan(back).batches).not.toEqual([]);
  expect(simulatedCloud().plan(back).batches).toEqual([]);
});

test('what runs did not touch stays as it is, whatever the inventory wants of it by now', () => {
  const { resources, obstacles } = takeBack({
    resources: [
      file('/etc/a'),
      file('/etc/b', 'wanted'),
      file('/etc/new'),
      directory({ path: '/etc/new.d' }),
    ],
    files: { '/etc/a': { kind: 'same' }, '/etc/b': different('deployed'), '/etc/new': { kind: 'absent' } },
  });
  expect(obstacles).toEqual([]);
  expect(resources).toMatchObject([
    { path: '/etc/a', content: 'now' },
    { path: '/etc/b', content: 'deployed' },
  ]);
});

test('a unit that came with a run goes with it; others watch only what was there', () => {
  const unitFile = '/etc/systemd/system/new.service';
  const { resources, removes, host } = takeBack({
    resources: [
      file('/etc/a'),
      file('/etc/extra'),
      file(unitFile),
      runningUnit('alpha.service', { restartOn: ['/etc/a', '/etc/extra'], reloadOn: ['/etc/extra'] }),
      runningUnit('new.service', { restartOn: [unitFile] }),
      task({ name: 'old', title: 'old', script: '', readsFiles: ['/etc/a'], when: 'before-units' }),
      task({ name: 'new', title: 'new', script: '', readsFiles: ['/etc/extra'], when: 'before-units' }),
    ],
    files: { '/etc/a': { kind: 'same' }, '/etc/extra': { kind: 'same' }, [unitFile]: { kind: 'same' } },
    earlier: { '/etc/a': was('then'), '/etc/extra': created, [unitFile]: created },
    host: {
      records: new Map(
        ['alpha.service', 'new.service', 'task-old', 'task-new'].map((name) => [name, record]),
      ),
      belongings: [{ kind: 'unit', name: 'new.service', service: 'alpha' }],
    },
  });
  expect(resources).toMatchObject([
    { kind: 'file', path: '/etc/a', content: 'then' },
    { kind: 'unit', name: 'alpha.service', restartOn: ['/etc/a'], reloadOn: [] },
    { kind: 'task', name: 'old' },
  ]);
  expect(removes).toEqual(['/etc/extra', unitFile]);
  expect(host?.leftAlone).toEqual({ files: [], belongings: [] });
});

test('packages, units and folders that wait for their first deploy are not brought by an undoing', () => {
  const { resources, host } = takeBack({
    resources: [
      ...installedPackages('there', 'waiting'),
      runningUnit('waiting.service'),
      stoppedUnit('still-runs.service'),
      stoppedUnit('rests.service'),
      directory({ path: '/etc/there', mode: '0755' }),
    ],
    files: { '/etc/there': { kind: 'directory', mode: '0700', owner: 'root', group: 'root' } },
    host: { packages: new Map([['there', '1']]), units: { 'still-runs.service': 'active' } },
  });
  expect(resources).toMatchObject([
    { kind: 'package', name: 'there' },
    { kind: 'unit', name: 'rests.service' },
    { kind: 'directory', path: '/etc/there', mode: '0700' },
  ]);
  expect(host?.services[0]?.data).toEqual([]);
});

test('what the inventory no longer describes is left alone, unless a run that is taken back has created it', () => {
  const belonging = { kind: 'unit', name: 'former.service', service: 'former' } as const;
  const { host, obstacles } = takeBack({
    resources: [file('/etc/a')],
    files: { '/etc/a': { kind: 'same' } },
    applied: { '/etc/former': 'x', '/etc/brought': 'y' },
    earlier: { '/etc/brought': created },
    host: { belongings: [belonging] },
  });
  expect([host?.leftAlone, obstacles]).toEqual([{ files: ['/etc/former'], belongings: [belonging] }, []]);
});

test('what no service describes any more can not come back', () => {
  const { obstacles } = takeBack({
    resources: [file('/etc/a')],
    files: { '/etc/a': { kind: 'same' } },
    earlier: { '/etc/former': was('then') },
  });
  expect(obstacles).toEqual([
    'ctl01: /etc/former would have to come back, and no service of this inventory describes it',
  ]);
});

test('a service that came with a run has nothing to go back to', () => {
  const { obstacles } = takeBack({
    resources: [file('/etc/a'), runningUnit('alpha.service', { restartOn: ['/etc/a'] })],
    files: { '/etc/a': { kind: 'same' } },
    earlier: { '/etc/a': created },
    host: { records: new Map([['alpha.service', record]]) },
  });
  expect(obstacles).toEqual(['ctl01: alpha was not there before; there is nothing to go back to']);
});

test('an edit that the plan can not know of is drift', () => {
  const edited = { '/etc/a': sha256('deployed'), '/etc/b': sha256('deployed'), '/etc/c': sha256('now') };
  const { refusals } = takeBack({
    // Of `c` the inventory still has what was deployed, so that the plan compares it itself.
    resources: [file('/etc/a'), file('/etc/b'), file('/etc/c')],
    files: { '/etc/a': different('edited'), '/etc/b': different('edited'), '/etc/c': different('edited') },
    applied: edited,
    earlier: { '/etc/b': created },
  });
  expect(refusals).toMatchObject([
    { kind: 'drift', host: 'ctl01', message: 'edited by someone else on ctl01: /etc/a, /etc/b' },
  ]);
});
