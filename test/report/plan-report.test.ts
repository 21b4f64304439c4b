import { expect, test } from 'vitest';
import type { ObservedState } from '../../src/model/observed.ts';
import { maskWith, planAsJson, planAsText, planDiff } from '../../src/report/index.ts';
import { deployedHosts, freshHosts, simulatedCloud } from '../support/simulated-cloud.ts';
import { observe, type SimulatedHosts } from '../support/simulated-hosts.ts';

const withContent = (hosts: SimulatedHosts, name: string, path: string, content: string): SimulatedHosts => {
  const host = hosts.get(name);
  const file = host?.files.get(path);
  if (!host || !file) throw new Error(`${path} is not on ${name}`);
  return new Map([
    ...hosts,
    [name, { ...host, files: new Map([...host.files, [path, { ...file, content }]]) }],
  ]);
};

test('the plan of a rolling change reads batch by batch, with the capacity left', () => {
  expect(planAsText(simulatedCloud({ unitFile: 2, comment: 2 }).plan(deployedHosts()))).toBe(
    `lab: 13 files, 3 unit actions on 5 hosts in 5 batches

 1  Base
    ctl01 ctl02 ctl03 prx01 prx02
      ~ /etc/base.conf

 2  Cluster on ctl02 · meanwhile cluster 2 of 3
    ctl02
      ~ /etc/cluster.conf
      ~ /etc/systemd/system/cluster.service
      restart cluster.service

 3  Cluster on ctl03 · meanwhile cluster 2 of 3
    ctl03
      ~ /etc/cluster.conf
      ~ /etc/systemd/system/cluster.service
      restart cluster.service

 4  Cluster on ctl01 · meanwhile cluster 2 of 3
    ctl01
      ~ /etc/cluster.conf
      ~ /etc/systemd/system/cluster.service
      restart cluster.service

 5  Front
    prx02 prx01
      ~ /etc/front.cfg`,
  );
});

test('a plan without changes says so in one line', () => {
  expect(planAsText(simulatedCloud().plan(deployedHosts()))).toBe('lab: nothing to change');
});

test('a hand-edited file carries its mark, and the plan says what to do', () => {
  const hosts = withContent(deployedHosts(), 'ctl02', '/etc/cluster.conf', 'version = 9\n');
  const text = planAsText(simulatedCloud().plan(hosts));
  expect(text).toContain('! /etc/cluster.conf');
  expect(text).toContain('edited by someone else');
  expect(text).toContain('--overwrite-drift');
});

const differences = (hosts: SimulatedHosts, cloud = simulatedCloud(), mask = maskWith([])): string => {
  const observed: ObservedState = observe(hosts, cloud.desired);
  return planDiff({ plan: cloud.plan(hosts), desired: cloud.desired, observed }, mask);
};

test('the same change on several hosts is one diff', () => {
  const text = differences(deployedHosts(), simulatedCloud({ comment: 2 }));
  expect(text).toContain('/etc/cluster.conf on ctl01, ctl02, ctl03 (changed from cluster)');
  expect(text.match(/^\+# cluster, explained 2 times$/gm)).toHaveLength(1);
  expect(text.match(/^-# cluster, explained 1 times$/gm)).toHaveLength(1);
});

test('a hand edit is shown apart from what the others get', () => {
  const text = differences(withContent(deployedHosts(), 'ctl02', '/etc/cluster.conf', 'version = 9\n'));
  expect(text).toContain('! edited by someone else: /etc/cluster.conf on ctl02');
  expect(text).toContain('-version = 9');
});

test('new files are shown whole', () => {
  expect(differences(freshHosts)).toMatch(
    /\/etc\/front.cfg on prx01, prx02 \(new file from front\)\n--- \/dev\/null/,
  );
});

test('another mode is told without a diff', () => {
  const hosts = deployedHosts();
  const host = hosts.get('ctl01');
  const file = host?.files.get('/etc/cluster.conf');
  if (!host || !file) throw new Error('nothing on ctl01');
  const files = new Map([...host.files, ['/etc/cluster.conf', { ...file, mode: '0600' }]]);
  expect(differences(new Map([...hosts, ['ctl01', { ...host, files }]]))).toBe(
    '/etc/cluster.conf on ctl01 (mode and owner from cluster, 0600 root:root → 0644 root:root)',
  );
});

test('neither a secret nor the one it replaces is in a diff', () => {
  const cloud = simulatedCloud();
  const text = differences(
    withContent(
      deployedHosts(),
      'ctl01',
      '/etc/cluster.conf',
      '# cluster, explained 1 times\nversion = oldsecret\nway = plain\n',
    ),
    cloud,
    (shown) => shown.replaceAll('version = 1', 'version = ***'),
  );
  expect(text).not.toContain('oldsecret');
  expect(text).toContain('(only secrets differ)');
});

test('a plan as JSON holds no script, no content and no hash of it', () => {
  const plan = simulatedCloud().plan(freshHosts);
  const bare = JSON.stringify(planAsJson(plan));
  expect(bare).not.toContain('"script"');
  expect(bare).not.toContain(plan.changes[0]?.after);
  expect(bare).toContain('/etc/cluster.conf');
});
