import { expect, test } from 'vitest';
import { type Member, memberOf } from '../../src/model/membership.ts';
import type { Plan } from '../../src/model/plan.ts';
import { deployedHosts, freshHosts, simulatedCloud } from '../support/simulated-cloud.ts';
import type { SimulatedHosts } from '../support/simulated-hosts.ts';

const cloud = simulatedCloud();
const members = cloud.topology.hosts.map(memberOf);

/** The plan of the cloud as it is wanted, where this is on record. */
function planAfter(change: (member: Member) => Member, forgotten: readonly Member[] = []): Plan {
  const recorded = { generation: 4, members: members.map(change), forgotten };
  return cloud.plan(deployedHosts(), { membership: { recorded, all: cloud.topology } });
}

const words = ({ refusals }: Plan): readonly string[] => refusals.map(({ message }) => message);

test('a host that is to be at another address under its name is refused: the old one would go on', () => {
  const plan = planAfter((member) =>
    member.name === 'prx01'
      ? { ...member, addresses: { ...member.addresses, management: '10.77.0.99' } }
      : member,
  );
  expect(words(plan)).toEqual([expect.stringMatching(/prx01 was at 10\.77\.0\.99 and is to be at/)]);
  expect(plan.refusals[0]?.hint).toContain('--forget prx01');
});

test('a host that has the address of one that left is refused: it would be told to leave and to stay', () => {
  const plan = planAfter((member) => (member.name === 'prx01' ? { ...member, name: 'prx09' } : member));
  expect(words(plan)).toEqual([expect.stringMatching(/prx01 has the address of prx09/)]);
});

test('a host that was forgotten and still has what it had is not listened to before that is taken away', () => {
  const prx01 = members.filter(({ name }) => name === 'prx01');
  const recorded = {
    generation: 4,
    members: members.filter(({ name }) => name !== 'prx01'),
    forgotten: prx01,
  };
  const plan = cloud.plan(deployedHosts(), { membership: { recorded, all: cloud.topology } });
  expect(words(plan)).toEqual(['prx01 was forgotten and still has what it had then']);
});

test('a host that was forgotten and is installed anew joins, and is let in before anything of it has to reach the others', () => {
  const recorded = {
    generation: 4,
    members: members.filter(({ name }) => name !== 'prx01'),
    forgotten: members.filter(({ name }) => name === 'prx01'),
  };
  const blank = new Map([...deployedHosts(), ...[...freshHosts].filter(([name]) => name === 'prx01')]);
  const plan = cloud.plan(blank, { membership: { recorded, all: cloud.topology } });
  expect(words(plan)).toEqual([]);
  expect(plan.intent?.forgotten).toEqual([]);
  expect(plan.intent?.members.map(({ name }) => name)).toContain('prx01');
});

test('the same hosts at the same addresses are refused nothing', () => {
  expect(words(planAfter((member) => member))).toEqual([]);
});

test('hosts that run another release than the inventory says are refused, each with what can be done', () => {
  const upgraded = {
    ...cloud.topology,
    hosts: cloud.topology.hosts.map((host) => ({
      ...host,
      platform: { ...host.platform, release: 'trixie' as const },
    })),
  };
  const refused = (hosts: SimulatedHosts) => cloud.plan(hosts, { topology: upgraded }).refusals;
  const running = refused(deployedHosts());
  expect(running.map(({ kind, host }) => [kind, host])).toEqual(
    cloud.topology.hosts.map(({ name }) => ['other-release', name]),
  );
  expect(running[0]?.message).toContain('runs bookworm, and the inventory says debian trixie');
  expect(running[0]?.hint).toContain('mcp takes no running cloud from one release to another');
  expect(refused(freshHosts)[0]?.hint).toContain('install debian trixie on ctl01');
  const lab = {
    name: 'mcp-lab',
    directory: '/srv',
    image: 'stocked',
    shared: [],
    recorder: undefined,
  } as const;
  const ofLab = { ...upgraded, inventory: { ...upgraded.inventory, lab } };
  const [first] = cloud.plan(deployedHosts(), { topology: ofLab }).refusals;
  expect(first?.message).toBe('ctl01 runs bookworm, and the lab is asked for with trixie');
  expect(first?.hint).toContain('run `mcp lab down` and `mcp lab up` for hosts of trixie');
});
