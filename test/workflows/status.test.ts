import { expect, test } from 'vitest';
import type { Finding } from '../../src/model/check.ts';
import { type Membership, memberOf } from '../../src/model/membership.ts';
import type { HostObservation } from '../../src/model/observed.ts';
import { statusAsText } from '../../src/report/index.ts';
import { checksFor, cloudStatus } from '../../src/workflows/status.ts';
import { observed, observedHost, unreachableHost } from '../support/observed.ts';
import { wholeTopology } from '../support/openstack.ts';
import { threeHosts } from '../support/topology.ts';

const hosts = threeHosts();
const topology = wholeTopology(hosts);
const names = hosts.map(({ name }) => name);
const [resting = ''] = names;
const maintenance = { since: '2026-01-01T10:00:00Z', by: 'root@deployer', reason: 'new disks' };
const membership: Membership = {
  generation: 3,
  members: hosts.map((host) => ({ ...memberOf(host), ...(host.name === resting ? { maintenance } : {}) })),
  forgotten: [],
};
const others = names.slice(1).map((name) => observedHost(name, { membership }));

function blaming(...seen: readonly HostObservation[]): readonly Finding[] {
  const state = observed(...seen);
  return checksFor(topology, membership)
    .flatMap((check) => check.judge(state))
    .filter((finding) => finding.hosts.includes(resting));
}

test('a host in maintenance that is off is one line, and no red one', () => {
  expect(blaming(unreachableHost(resting), ...others)).toEqual([
    {
      severity: 'warning',
      hosts: [resting],
      message: 'is in maintenance since 2026-01-01 10:00 UTC, asked by root@deployer: new disks',
    },
  ]);
});

test('a host in maintenance that holds a VIP all the same is red', () => {
  const [vip] = topology.vips;
  const holding = observedHost(resting, { membership, addresses: [vip?.address ?? ''] });
  expect(blaming(holding, ...others).filter(({ severity }) => severity === 'red')).toMatchObject([
    {
      message: `is in maintenance and holds ${vip?.name}`,
      hint: expect.stringContaining('mcp maintenance enter'),
    },
  ]);
});

const lookingAt = (...seen: readonly HostObservation[]) => ({
  cloud: { topology, services: [], checks: [], desired: { hosts: new Map() } },
  observe: async () => observed(...seen),
  observeOthers: async () => observed(),
  admit: () => undefined,
});
const blank = (host: string) => observedHost(host, { cloud: undefined, format: undefined });
const [first = '', ...rest] = names;

test('before the first deploy a status says that, and which hosts do not answer', async () => {
  const status = await cloudStatus(lookingAt(unreachableHost(first), ...rest.map(blank)));
  expect(status.health.healthy).toBe(false);
  const lines = statusAsText(status).split('\n');
  expect(lines).toContain('✗ cloud.deployed  nothing has been deployed yet');
  expect(lines).toContain(`✗ ${first} does not answer`);
  expect(lines.filter((line) => line.includes('left without it'))).toEqual([]);
  expect(lines.length).toBeLessThan(20);
});

test('a machine that joins with the next deploy is one cause, and what it lacks follows from it', async () => {
  const status = await cloudStatus(lookingAt(blank(first), ...rest.map((host) => observedHost(host))));
  const cause = status.sorted.causes.find(
    ({ finding }) => finding.message === `nothing has been deployed to ${first} yet`,
  );
  expect(cause?.follows.length).toBeGreaterThan(5);
});
