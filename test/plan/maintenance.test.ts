import { expect, test } from 'vitest';
import { McpError } from '../../src/model/failure.ts';
import { type Maintenance, type Membership, memberOf } from '../../src/model/membership.ts';
import type { ObservedState } from '../../src/model/observed.ts';
import type { Plan } from '../../src/model/plan.ts';
import { planEntering, planReturn, withMaintenance } from '../../src/plan/index.ts';
import { planAsText } from '../../src/report/index.ts';
import { deployedHosts, type SimulatedCloud, simulatedCloud } from '../support/simulated-cloud.ts';
import { observe } from '../support/simulated-hosts.ts';

const maintenance: Maintenance = { since: '2026-01-01T10:00:00Z', by: 'root@deployer', reason: 'new disks' };

/** What hosts have on record, with these in maintenance. */
function recordOf({ topology }: SimulatedCloud, ...resting: readonly string[]): Membership {
  const members = topology.hosts.map((host) => memberOf(host));
  const nobody: Membership = { generation: 4, members, forgotten: [] };
  return {
    ...resting.reduce((record, host) => withMaintenance(record, host, maintenance), nobody),
    generation: 4,
  };
}

/** The same observation, with these hosts not answering. */
const silenced = (observed: ObservedState, ...silent: readonly string[]): ObservedState => ({
  hosts: new Map([
    ...observed.hosts,
    ...silent.map((host) => {
      const failure = new McpError('unreachable', `${host}: connection refused`, { host });
      return [host, { kind: 'unreachable', host, failure }] as const;
    }),
  ]),
});

const deployPlan = (cloud: SimulatedCloud, observed: ObservedState, ...resting: readonly string[]): Plan =>
  cloud.plan(deployedHosts(), {
    observed,
    membership: { recorded: recordOf(cloud, ...resting), all: cloud.topology },
  });

const touched = ({ batches }: Plan) => new Set(batches.flatMap(({ hosts }) => hosts.map(({ host }) => host)));
const kinds = ({ refusals }: Plan) => refusals.map(({ kind, host }) => `${kind} ${host}`);

test('a deploy changes nothing on a host in maintenance and is not refused, whether it answers or not', () => {
  const cloud = simulatedCloud({ comment: 2 });
  const answering = observe(deployedHosts(), cloud.desired);
  for (const observed of [answering, silenced(answering, 'ctl03')]) {
    const plan = deployPlan(cloud, observed, 'ctl03');
    expect(kinds(plan)).toEqual([]);
    expect(touched(plan)).toEqual(new Set(['ctl01', 'ctl02', 'prx01', 'prx02']));
    expect(plan.missing).toMatchObject([{ host: 'ctl03', kind: 'maintenance' }]);
    expect(planAsText(plan)).toContain(
      '! ctl03 is in maintenance since 2026-01-01 10:00 UTC, asked by root@deployer: new disks; meanwhile cluster 2 of 3',
    );
  }
});

test('a way in does not go while a host is in maintenance: when it comes back it would not be let in', () => {
  const hosts = deployedHosts({ ways: 2 });
  const cloud = simulatedCloud({ ways: 3 });
  const membership = { recorded: recordOf(cloud, 'prx02'), all: cloud.topology };
  expect(cloud.plan(hosts, { membership }).refusals).toMatchObject([
    { host: 'prx02', hint: 'bring prx02 back first: `mcp maintenance leave prx02`' },
  ]);
});

test('a deploy does not lose who is in maintenance, even where it records something new', () => {
  const cloud = simulatedCloud();
  const recorded = recordOf(cloud, 'ctl03');
  const older = { ...recorded, members: recorded.members.filter(({ name }) => name !== 'prx02') };
  const plan = cloud.plan(deployedHosts(), { membership: { recorded: older, all: cloud.topology } });
  const [batch] = plan.batches.filter(({ service }) => service === 'membership');
  const step = batch?.hosts[0]?.steps[0];
  const records = [plan.intent, step?.kind === 'record-membership' ? step.membership : undefined];
  for (const record of records) {
    expect(record?.members.find(({ name }) => name === 'ctl03')?.maintenance).toEqual(maintenance);
  }
  expect(touched(plan)).not.toContain('ctl03');
});

test('a member of a quorum is not restarted while another may be powered off at any time', () => {
  const cloud = simulatedCloud({ unitFile: 2 });
  const plan = deployPlan(cloud, observe(deployedHosts(), cloud.desired), 'ctl03');
  expect(kinds(plan)).toEqual(['degraded ctl02', 'degraded ctl01']);
  expect(plan.refusals[0]?.message).toContain('ctl03: it is in maintenance since');
});

const entering = (host: string, { resting = [], observed, cloud = simulatedCloud() }: Wishes = {}): Plan =>
  planEntering(
    {
      ...{ host, topology: cloud.topology, services: cloud.services, desired: cloud.desired },
      observed: observed ?? observe(deployedHosts(), cloud.desired),
      recorded: recordOf(cloud, ...resting),
    },
    maintenance,
  );

interface Wishes {
  readonly resting?: readonly string[];
  readonly observed?: ObservedState;
  readonly cloud?: SimulatedCloud;
}

test('a host may go while its quorums stand without it, and all hosts shall know', () => {
  const plan = entering('ctl01');
  expect(plan.refusals).toEqual([]);
  expect(plan.intent?.generation).toBe(5);
  expect(plan.intent?.members.find(({ name }) => name === 'ctl01')?.maintenance).toEqual(maintenance);
});

test('a second member of a quorum of three is refused, and a proxy beside it is not', () => {
  const [refusal, ...more] = entering('ctl01', { resting: ['ctl02'] }).refusals;
  expect(more).toEqual([]);
  expect(refusal).toMatchObject({ kind: 'quorum', host: 'ctl01' });
  expect(refusal?.message).toContain('without ctl01 1 of 3 members would be left, and 2 are needed');
  expect(refusal?.message).toContain('ctl02: it is in maintenance since');
  expect(refusal?.hint).toContain('mcp maintenance leave ctl02');
  expect(entering('prx01', { resting: ['ctl02'] }).refusals).toEqual([]);
  expect(kinds(entering('prx02', { resting: ['prx01'] }))).toEqual(['quorum prx02']);
});

test('the same host again is no second one', () => {
  const plan = entering('ctl01', { resting: ['ctl01'] });
  expect(plan.refusals).toEqual([]);
  expect(plan.intent?.generation).toBe(4);
});

test('an unwell member counts as one that is away', () => {
  const cloud = simulatedCloud({}, { unwell: 'ctl02' });
  expect(kinds(entering('ctl01', { cloud }))).toEqual(['quorum ctl01']);
  expect(kinds(entering('ctl02', { cloud }))).toEqual([]);
});

test('who does not answer can neither go nor come back, with a word about what helps', () => {
  const cloud = simulatedCloud();
  const observed = silenced(observe(deployedHosts(), cloud.desired), 'ctl01');
  const [refusal] = entering('ctl01', { observed }).refusals;
  expect(refusal).toMatchObject({ kind: 'unreachable', host: 'ctl01' });
  expect(refusal?.hint).toContain('--allow-unreachable ctl01');
  const { topology, services, desired } = cloud;
  const recorded = recordOf(cloud, 'ctl01');
  const back = planReturn({ host: 'ctl01', topology, services, desired, observed, recorded });
  expect(kinds(back)).toEqual(['unreachable ctl01']);
});

test('before hosts and inventory agree about who belongs, nobody goes', () => {
  const cloud = simulatedCloud();
  const { topology, services, desired } = cloud;
  const observed = observe(deployedHosts(), desired);
  const recorded = { ...recordOf(cloud), members: recordOf(cloud).members.slice(1) };
  for (const record of [undefined, recorded]) {
    const request = { host: 'ctl01', topology, services, desired, observed, recorded: record };
    expect(planEntering(request, maintenance).refusals).toMatchObject([
      { kind: 'degraded', hint: 'run `mcp deploy` first' },
    ]);
  }
});

test('a return asks nothing of others that do not answer, and there is nothing to do where nobody is out', () => {
  const cloud = simulatedCloud();
  const { topology, services, desired } = cloud;
  const observed = silenced(observe(deployedHosts(), desired), 'ctl02');
  const request = { host: 'ctl01', topology, services, desired, observed };
  const plan = planReturn({ ...request, recorded: recordOf(cloud, 'ctl01', 'prx01') });
  expect(plan.refusals).toEqual([]);
  expect(plan.missing.map(({ host, kind }) => `${host} ${kind}`)).toEqual([
    'prx01 maintenance',
    'ctl02 silent',
  ]);
  expect(plan.intent?.members.filter((member) => member.maintenance).map(({ name }) => name)).toEqual([
    'prx01',
  ]);
  expect(planReturn({ ...request, recorded: recordOf(cloud) }).batches).toEqual([]);
});
