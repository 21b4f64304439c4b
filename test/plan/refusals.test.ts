import { expect, test } from 'vitest';
import { McpError } from '../../src/model/failure.ts';
import { hostFormat, type ObservedState } from '../../src/model/observed.ts';
import type { Plan } from '../../src/model/plan.ts';
import { deployedHosts, freshHosts, simulatedCloud } from '../support/simulated-cloud.ts';
import { observe } from '../support/simulated-hosts.ts';

/** The same observation, with these hosts not answering. */
const silenced = (observed: ObservedState, silent: readonly string[]): ObservedState => {
  const failures = silent.map((host) => {
    const failure = new McpError('unreachable', `${host}: connection refused`, {
      host,
      hint: 'is it powered on?',
    });
    return [host, { kind: 'unreachable', host, failure }] as const;
  });
  return { hosts: new Map([...observed.hosts, ...failures]) };
};

const kinds = ({ refusals }: Plan): readonly string[] => refusals.map(({ kind, host }) => `${kind} ${host}`);

test('a host that does not answer is refused in its own words, unless it is allowed to be missing', () => {
  const hosts = deployedHosts();
  const cloud = simulatedCloud({ comment: 2 });
  const observed = silenced(observe(hosts, cloud.desired), ['ctl03']);
  const plan = cloud.plan(hosts, { observed });
  expect(plan.refusals).toMatchObject([{ kind: 'unreachable', message: 'ctl03: connection refused' }]);
  expect(plan.refusals[0]?.hint).toContain('is it powered on?');
  expect(plan.refusals[0]?.hint).toContain('--allow-unreachable ctl03');
  expect(kinds(cloud.plan(hosts, { observed, allowUnreachable: ['ctl03'] }))).toEqual([]);
});

test('where this side is to be mended, nobody is told to go on without the host', () => {
  const hosts = deployedHosts();
  const cloud = simulatedCloud({ comment: 2 });
  const hint = 'compare it with the host, then `mcp trust`';
  const failure = new McpError('host-key-unknown', 'ctl03 shows a host key that is not pinned', { hint });
  const { hosts: seen } = observe(hosts, cloud.desired);
  const observed = {
    hosts: new Map([...seen, ['ctl03', { kind: 'unreachable', host: 'ctl03', failure }] as const]),
  };
  expect(cloud.plan(hosts, { observed }).refusals).toMatchObject([
    { kind: 'unreachable', host: 'ctl03', hint },
  ]);
});

test('an inventory older than what was deployed last is refused, where it would change something', () => {
  const commit = { hash: 'a'.repeat(40), committedAt: '2026-01-01T12:00:00+02:00', dirty: true };
  const deployed = {
    ...{ run: 'r7', verb: 'deploy', by: 'bob', from: 'ws2', since: '2026-01-02T10:00:00.000Z' },
    ...{ hosts: ['ctl02'], changesMembers: false },
    commit: { hash: 'b'.repeat(40), committedAt: '2026-01-02T09:00:00Z', dirty: false },
  };
  const older = { commit, deployed };
  expect(simulatedCloud({ comment: 2 }).plan(deployedHosts(), { older }).refusals).toEqual([
    {
      ...{
        kind: 'older',
        host: 'ctl02',
        hint: 'pull first; if you mean to take that back, add --allow-older',
      },
      message:
        'this inventory is at commit aaaaaaaaaa with changes of 2026-01-01 10:00 UTC, and bob@ws2 has deployed bbbbbbbbbb of 2026-01-02 09:00 UTC since (run r7, 2026-01-02 10:00 UTC)',
    },
  ]);
  expect(simulatedCloud().plan(deployedHosts(), { older }).refusals).toEqual([]);
});

test('a name that no host has is a mistake in the arguments', () => {
  for (const options of [{ limit: ['ctl09'] }, { allowUnreachable: ['ctl09'] }]) {
    expect(() => simulatedCloud().plan(deployedHosts(), options)).toThrow('there is no host ctl09');
  }
});

test('a host outside the limit may be missing', () => {
  const hosts = deployedHosts();
  const cloud = simulatedCloud({ comment: 2 });
  const observed = silenced(observe(hosts, cloud.desired), ['ctl03']);
  expect(kinds(cloud.plan(hosts, { observed, limit: ['ctl01'] }))).toEqual([]);
});

test('a restart that would leave a quorum short because another member is away is refused', () => {
  const hosts = deployedHosts();
  const cloud = simulatedCloud({ unitFile: 2 });
  const observed = silenced(observe(hosts, cloud.desired), ['ctl03']);
  const plan = cloud.plan(hosts, { observed, allowUnreachable: ['ctl03'] });
  expect(kinds(plan)).toEqual(['degraded ctl02', 'degraded ctl01']);
  expect(plan.refusals[0]?.message).toContain('1 of 3 members');
  expect(plan.refusals[0]?.message).toContain('ctl03: it does not answer');
});

test('missing hosts that a quorum needs are refused even when allowed', () => {
  const hosts = deployedHosts();
  const cloud = simulatedCloud({ comment: 2 });
  const observed = silenced(observe(hosts, cloud.desired), ['ctl02', 'ctl03']);
  const plan = cloud.plan(hosts, { observed, allowUnreachable: ['ctl02', 'ctl03'] });
  expect(kinds(plan)).toEqual(['unreachable ctl02', 'unreachable ctl03']);
});

test('a first deploy without the host that creates the cluster is refused', () => {
  const plan = simulatedCloud().plan(freshHosts, { limit: ['ctl02', 'ctl03'] });
  expect(kinds(plan)).toEqual(['degraded ctl01']);
  expect(plan.refusals[0]?.hint).toBe('add ctl01 to --limit');
});

test('a way in does not go while a host is left out that may use it, whyever that is', () => {
  const hosts = deployedHosts({ ways: 2 });
  const cloud = simulatedCloud({ ways: 3 });
  const observed = silenced(observe(hosts, cloud.desired), ['prx02']);
  expect(cloud.plan(hosts).refusals).toEqual([]);
  const { refusals } = cloud.plan(hosts, { observed, allowUnreachable: ['prx02'] });
  expect(refusals).toMatchObject([{ kind: 'degraded', host: 'prx02', hint: 'bring prx02 back first' }]);
  expect(refusals[0]?.message).toContain('prx02 would still use it');
  const limited = cloud.plan(hosts, { limit: ['ctl01', 'ctl02', 'ctl03', 'prx01'] });
  expect(limited.refusals).toMatchObject([{ host: 'prx02', hint: 'leave the limit out' }]);
  // Where members of it are left out alone, nothing goes: they keep what they have.
  expect(cloud.plan(hosts, { limit: ['prx01'] }).refusals).toEqual([]);
});

test('a way in that is added leaves nobody out, and neither does one that nobody was ever let in by', () => {
  const limit = ['ctl01', 'ctl02', 'ctl03'];
  expect(simulatedCloud({ ways: 2 }).plan(deployedHosts(), { limit }).refusals).toEqual([]);
  const fresh = new Map([...freshHosts].map(([name, host]) => [name, { ...host, files: packaged }]));
  expect(simulatedCloud({ ways: 3 }).plan(fresh, { limit }).refusals).toEqual([]);
});

/** What a package has brought, before any run. */
const packaged = new Map([
  ['/etc/cluster.conf', { content: 'way = plain\n', mode: '0644', owner: 'root', group: 'root' }],
]);

test('what members can not do one after the other is refused in the words of their service', () => {
  const hosts = deployedHosts();
  const direct = simulatedCloud({ ways: 3 });
  expect(direct.plan(hosts).refusals).toMatchObject(
    ['ctl01', 'ctl02', 'ctl03'].map((host) => ({
      ...{ kind: 'degraded', host, hint: 'go by both ways first' },
      message: `Cluster: ${host} would not understand the others`,
    })),
  );
  // What is left out stays as it is; step by step all is well, forward and back.
  const both = simulatedCloud({ ways: 2 });
  expect(both.plan(hosts).refusals).toEqual([]);
  const between = both.perform(both.plan(hosts), hosts);
  expect(direct.plan(between).refusals).toEqual([]);
  expect(simulatedCloud().plan(between).refusals).toEqual([]);
  expect(direct.plan(hosts, { limit: ['prx01'] }).refusals).toEqual([]);
  // A run that was cut off in the middle is finished, or taken back.
  const halfway = both.perform(both.plan(hosts), hosts, 3);
  expect(both.plan(halfway).refusals).toEqual([]);
  expect(simulatedCloud().plan(halfway).refusals).toEqual([]);
});

test("another cloud's host is refused, and so is one of a newer mcp", () => {
  const hosts = deployedHosts();
  const observed = observe(hosts, simulatedCloud().desired);
  const [one, other] = [observed.hosts.get('ctl01'), observed.hosts.get('ctl02')];
  if (one?.kind !== 'reachable' || other?.kind !== 'reachable') throw new Error('hosts were not observed');
  const changed: ObservedState = {
    hosts: new Map([
      ...observed.hosts,
      ['ctl01', { ...one, cloud: 'elsewhere' }],
      ['ctl02', { ...other, format: hostFormat + 1 }],
    ]),
  };
  const { refusals } = simulatedCloud().plan(hosts, { observed: changed });
  expect(refusals.map(({ kind, host }) => `${kind} ${host}`)).toEqual([
    'foreign-host ctl01',
    'newer-format ctl02',
  ]);
  expect(refusals[0]?.message).toContain('elsewhere');
});

test('a degraded start of a pair is refused when only one of the two is left', () => {
  const hosts = deployedHosts();
  const cloud = simulatedCloud({ reload: 2 });
  const observed = silenced(observe(hosts, cloud.desired), ['prx02']);
  const plan = cloud.plan(hosts, { observed, allowUnreachable: ['prx02'] });
  expect(kinds(plan)).toEqual(['degraded prx01']);
});

test('a member that a killed run has drained comes back first, and is no reason to leave the others as they are', () => {
  const cloud = simulatedCloud({ unitFile: 2 }, { unwell: 'ctl03' });
  const before = deployedHosts();
  const changed = cloud.perform(cloud.plan(before, { limit: ['ctl03'] }), before);
  expect(kinds(cloud.plan(changed))).toEqual(['degraded ctl02', 'degraded ctl01']);
  const drained = new Map(
    [...changed].map(([name, host]) => {
      const left = name === 'ctl03' ? [['left-cluster', { restart: 'run', reload: '' }] as const] : [];
      return [name, { ...host, records: new Map([...host.records, ...left]) }] as const;
    }),
  );
  const plan = cloud.plan(drained);
  expect(kinds(plan)).toEqual([]);
  expect(plan.batches.map(({ hosts }) => hosts.map(({ host }) => host))).toEqual([
    ['ctl03'],
    ['ctl02'],
    ['ctl01'],
  ]);
});
