import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import type { SavedPlan } from '../../src/model/saved-plan.ts';
import { inputsOf, outdatedBy, planToSave } from '../../src/plan/index.ts';
import {
  deployedHosts,
  freshHosts,
  type SimulatedCloud,
  simulatedCloud,
} from '../support/simulated-cloud.ts';
import { actsOf, type SimulatedHost, type SimulatedHosts } from '../support/simulated-hosts.ts';

const keyed = (text: string) => createHmac('sha256', 'key').update(text).digest('hex');

const savedOf = (cloud: SimulatedCloud, plan: Plan): SavedPlan => ({
  format: 1,
  program: '1',
  made: '2026-01-01T00:00:00Z',
  asked: { verb: 'plan', by: 'tester', from: 'workstation' },
  options: {},
  inputs: inputsOf(cloud, keyed),
  plan: planToSave(plan, keyed),
});

/** What stands against carrying out `saved` on these hosts. */
const outdated = (saved: SavedPlan, cloud: SimulatedCloud, hosts: SimulatedHosts, program = '1') =>
  outdatedBy(saved, { program, inputs: inputsOf(cloud, keyed), plan: planToSave(cloud.plan(hosts), keyed) });

const changed = (hosts: SimulatedHosts, name: string, change: (host: SimulatedHost) => SimulatedHost) =>
  new Map([...hosts].map(([each, host]) => [each, each === name ? change(host) : host]));

const edited = (path: string, content: string) => (host: SimulatedHost) => {
  const file = host.files.get(path);
  if (!file) throw new Error(`${path} is not there`);
  return { ...host, files: new Map([...host.files, [path, { ...file, content }]]) };
};

const down = (unit: string) => (host: SimulatedHost) => ({
  ...host,
  units: new Map([...host.units, [unit, { active: false, enabled: true }]]),
});

const version = fc.integer({ min: 1, max: 3 });
const texts = fc.record({ restart: version, reload: version, comment: version, unitFile: version });
const starts = fc.constantFrom(freshHosts, deployedHosts());
const writer = fc.constantFrom('ctl01', 'ctl02', 'ctl03');
const holder = fc.constantFrom('prx01', 'prx02');

test('one that was begun and cut off anywhere can be taken up, whoever is the writer and holds the VIP by then', () => {
  fc.assert(
    fc.property(texts, starts, writer, holder, fc.nat(), (wanted, hosts, writes, holds, cut) => {
      const cloud = simulatedCloud(wanted);
      const plan = cloud.plan(hosts);
      const acts = actsOf(plan).length;
      const later = cloud.perform(plan, hosts, acts === 0 ? 0 : cut % (acts + 1));
      const moved = simulatedCloud(wanted, { writer: writes, vip: holds });
      expect(outdated(savedOf(cloud, plan), moved, later)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

const cloud = simulatedCloud({ restart: 2 });
const saved = savedOf(cloud, cloud.plan(deployedHosts()));

test('a file that somebody edited since is named, whether the plan would have changed it or not', () => {
  const path = '/etc/cluster.conf';
  expect(outdated(saved, cloud, changed(deployedHosts(), 'ctl02', edited(path, 'version = 9\n')))).toContain(
    `ctl02: ${path} is neither as it was nor as it will be`,
  );
  const other = '/etc/front.cfg';
  expect(outdated(saved, cloud, changed(deployedHosts(), 'prx01', edited(other, 'mine\n')))).toContain(
    `prx01: ${other} was as it should be, and is not any more`,
  );
});

test('what is due beyond the plan is named: a unit that has died since would be started', () => {
  expect(outdated(saved, cloud, changed(deployedHosts(), 'prx01', down('front.service')))).toEqual([
    'prx01: start of front.service is due now, and was not part of it',
  ]);
});

test('a member that an earlier run was to restart, and left down, may be started', () => {
  expect(outdated(saved, cloud, changed(deployedHosts(), 'ctl01', down('cluster.service')))).toEqual([]);
});

test('other inputs are named by host, and another version of the program at once', () => {
  const other = simulatedCloud({ restart: 2, unitFile: 2 });
  expect(outdated(saved, other, deployedHosts())).toEqual(
    ['ctl01', 'ctl02', 'ctl03'].map(
      (host) =>
        `what ${host} should have has changed since (inventory, overrides, secrets, certificates or mcp's templates)`,
    ),
  );
  expect(outdated(saved, cloud, deployedHosts(), '2')).toEqual(['it was made by mcp 1, and this is 2']);
});

test('where a file comes from says nothing about what it holds: another checkout makes the same inputs', () => {
  const elsewhere = {
    ...cloud,
    desired: {
      hosts: new Map(
        [...cloud.desired.hosts].map(([name, host]) => [
          name,
          {
            ...host,
            services: host.services.map((service) => ({
              ...service,
              resources: service.resources.map((resource) =>
                resource.kind === 'file' ? { ...resource, overrides: ['/home/other/overrides'] } : resource,
              ),
            })),
          },
        ]),
      ),
    },
  };
  expect(inputsOf(elsewhere, keyed)).toEqual(inputsOf(cloud, keyed));
});

test('a host that is left out now, or is back, makes it another plan', () => {
  const missing = [{ host: 'ctl03', kind: 'silent', reason: 'does not answer', capacity: [] }] as const;
  const now = { program: '1', inputs: saved.inputs, plan: saved.plan };
  expect(outdatedBy(saved, { ...now, plan: { ...now.plan, missing } })).toEqual([
    'ctl03 was to take part, and is left out now',
  ]);
  expect(outdatedBy({ ...saved, plan: { ...saved.plan, missing } }, now)).toEqual([
    'ctl03 was left out, and is back',
  ]);
});
