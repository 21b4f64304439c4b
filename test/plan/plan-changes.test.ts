import { expect, test } from 'vitest';
import { isEmpty, type Plan } from '../../src/model/plan.ts';
import { deployedHosts, freshHosts, simulatedCloud } from '../support/simulated-cloud.ts';
import { actsOf, type SimulatedHosts } from '../support/simulated-hosts.ts';

const outline = (plan: Plan): readonly string[] =>
  plan.batches.map(
    ({ title, hosts, disruptive }) =>
      `${title} [${hosts.map(({ host }) => host).join(' ')}]${disruptive ? ' disruptive' : ''}`,
  );

const unitActions = (plan: Plan): readonly string[] =>
  actsOf(plan).flatMap(({ host, step }) =>
    step.kind === 'unit' && step.record ? [`${host} ${step.action} ${step.unit}`] : [],
  );

const editing = (hosts: SimulatedHosts, name: string, path: string, content: string): SimulatedHosts => {
  const host = hosts.get(name);
  const file = host?.files.get(path);
  if (!host || !file) throw new Error(`${path} is not on ${name}`);
  return new Map([
    ...hosts,
    [name, { ...host, files: new Map([...host.files, [path, { ...file, content }]]) }],
  ]);
};

test('a first deploy installs everything at once, creates the cluster, then adds its members one by one', () => {
  expect(outline(simulatedCloud().plan(freshHosts))).toEqual([
    'packages [ctl01 ctl02 ctl03 prx01 prx02]',
    'Base [ctl01 ctl02 ctl03 prx01 prx02]',
    'Cluster: create [ctl01]',
    'Cluster on ctl02 [ctl02]',
    'Cluster on ctl03 [ctl03]',
    'Front [prx02 prx01]',
  ]);
});

test('a member of a first deploy gets its files, then systemd reads units, then it starts, is enabled, and tasks run', () => {
  const member = simulatedCloud()
    .plan(freshHosts)
    .batches.find(({ title }) => title === 'Cluster on ctl02');
  expect(
    member?.hosts[0]?.steps.map((step) => (step.kind === 'unit' ? `${step.action} ${step.unit}` : step.kind)),
  ).toEqual([
    'swap-files',
    'reload-daemon systemd',
    'start cluster.service',
    'enable cluster.service',
    'task',
  ]);
});

test('after a deploy there is nothing to change', () => {
  const hosts = deployedHosts();
  expect(isEmpty(simulatedCloud().plan(hosts))).toBe(true);
  expect(simulatedCloud().plan(hosts).changes).toEqual([]);
});

test('the unit that a package will bring is disabled before it is even there', () => {
  const acts = actsOf(simulatedCloud().plan(freshHosts));
  const stops = acts.filter(({ step }) => step.kind === 'unit' && step.action === 'disable-and-stop');
  expect(stops.map(({ host }) => host).sort()).toEqual(['prx01', 'prx02']);
});

test('a comment alone is written everywhere at once and restarts nothing', () => {
  const plan = simulatedCloud({ comment: 2 }).plan(deployedHosts());
  expect(plan.changes.map(({ path }) => path)).toHaveLength(10);
  expect(outline(plan)).toEqual([
    'Base [ctl01 ctl02 ctl03 prx01 prx02]',
    'Cluster [ctl02 ctl03 ctl01]',
    'Front [prx02 prx01]',
  ]);
  expect(actsOf(plan).every(({ step }) => step.kind === 'swap-files')).toBe(true);
});

test('a change that needs a restart goes host by host, the writer last, and says what is left', () => {
  const plan = simulatedCloud({ unitFile: 2 }, { writer: 'ctl02' }).plan(deployedHosts());
  expect(outline(plan)).toEqual([
    'Cluster on ctl01 [ctl01] disruptive',
    'Cluster on ctl03 [ctl03] disruptive',
    'Cluster on ctl02 [ctl02] disruptive',
  ]);
  expect(plan.batches[0]?.capacity).toBe('cluster 2 of 3');
});

test('a file that only makes a reload due reloads, and systemd has nothing to read again', () => {
  const plan = simulatedCloud({ reload: 2 }).plan(deployedHosts());
  expect(unitActions(plan)).toEqual(['prx02 reload front.service', 'prx01 reload front.service']);
  expect(actsOf(plan).filter(({ step }) => step.kind === 'unit')).toHaveLength(2);
});

test('a unit that somebody stopped is started again without a restart of others', () => {
  const hosts = deployedHosts();
  const host = hosts.get('ctl03');
  if (!host) throw new Error('no ctl03');
  const units = new Map([...host.units, ['cluster.service', { active: false, enabled: false }]]);
  const plan = simulatedCloud().plan(new Map([...hosts, ['ctl03', { ...host, units }]]));
  expect(outline(plan)).toEqual(['Cluster on ctl03 [ctl03]']);
  expect(unitActions(plan)).toEqual(['ctl03 start cluster.service']);
});

test('the member that is unwell is changed first, so that the others have it back when their turn comes', () => {
  const hosts = deployedHosts();
  const host = hosts.get('ctl03');
  if (!host) throw new Error('no ctl03');
  const units = new Map([...host.units, ['cluster.service', { active: false, enabled: true }]]);
  const plan = simulatedCloud({ unitFile: 2 }).plan(new Map([...hosts, ['ctl03', { ...host, units }]]));
  expect(outline(plan)).toEqual([
    'Cluster on ctl03 [ctl03]',
    'Cluster on ctl02 [ctl02] disruptive',
    'Cluster on ctl01 [ctl01] disruptive',
  ]);
  expect(plan.refusals).toEqual([]);
});

test('a member that runs and yet is unwell is changed before the others, which must not be fewer', () => {
  const plan = simulatedCloud({ unitFile: 2 }, { writer: 'ctl02', unwell: 'ctl03' }).plan(deployedHosts());
  expect(plan.batches.map(({ hosts }) => hosts[0]?.host)).toEqual(['ctl03', 'ctl01', 'ctl02']);
  expect(plan.refusals).toEqual([]);
});

test('a file that was edited by hand is marked, refused, and with consent replaced along with what runs with it', () => {
  const hosts = editing(deployedHosts(), 'ctl02', '/etc/cluster.conf', 'version = 9\nway = plain\n');
  const refused = simulatedCloud().plan(hosts);
  expect(refused.refusals).toMatchObject([{ kind: 'drift', host: 'ctl02' }]);
  expect(refused.changes).toMatchObject([{ host: 'ctl02', path: '/etc/cluster.conf', edited: true }]);
  const consented = simulatedCloud().plan(hosts, { overwriteDrift: true });
  expect(consented.refusals).toEqual([]);
  expect(unitActions(consented)).toEqual(['ctl02 restart cluster.service']);
});

test('a comment that was edited by hand is drift as well, but restarts nothing', () => {
  const hosts = editing(
    deployedHosts(),
    'ctl02',
    '/etc/cluster.conf',
    '# cluster, explained 1 times\n# by hand\nversion = 1\nway = plain\n',
  );
  const plan = simulatedCloud().plan(hosts, { overwriteDrift: true });
  expect(plan.changes.map(({ edited }) => edited)).toEqual([true]);
  expect(unitActions(plan)).toEqual([]);
});

test("a package's own file on a host is not drift", () => {
  const file = { content: 'packaged\n', mode: '0644', owner: 'root', group: 'root' };
  const hosts: SimulatedHosts = new Map(
    [...freshHosts].map(([name, host]) => [name, { ...host, files: new Map([['/etc/cluster.conf', file]]) }]),
  );
  const plan = simulatedCloud().plan(hosts);
  expect(plan.refusals).toEqual([]);
  expect(plan.changes.filter(({ action }) => action === 'update')).toHaveLength(3);
});

test('another owner or mode is put right and nothing else', () => {
  const hosts = deployedHosts();
  const host = hosts.get('ctl01');
  const file = host?.files.get('/etc/cluster.conf');
  if (!host || !file) throw new Error('nothing on ctl01');
  const files = new Map([...host.files, ['/etc/cluster.conf', { ...file, mode: '0600' }]]);
  const plan = simulatedCloud().plan(new Map([...hosts, ['ctl01', { ...host, files }]]));
  expect(plan.changes).toMatchObject([{ action: 'attributes', edited: false }]);
  expect(unitActions(plan)).toEqual([]);
});

test('--limit acts on the named hosts only', () => {
  const plan = simulatedCloud({ unitFile: 2 }).plan(deployedHosts(), { limit: ['ctl02'] });
  expect(outline(plan)).toEqual(['Cluster on ctl02 [ctl02] disruptive']);
});
