import { beforeAll, describe, expect, test } from 'vitest';
import type { EarlierFile } from '../../src/model/earlier.ts';
import type { Encryption } from '../../src/model/encryption.ts';
import { earlierState, planChanges } from '../../src/plan/index.ts';
import { services } from '../../src/services/index.ts';
import { type Cloud, describeCloud } from '../../src/workflows/cloud.ts';
import { wholeTopology } from '../support/openstack.ts';
import {
  actsOf,
  afterAct,
  freshHost,
  observe,
  type SimulatedHost,
  type SimulatedHosts,
} from '../support/simulated-hosts.ts';
import { fiveHosts } from '../support/topology.ts';

const ways: readonly Encryption[] = [false, 'optional', true];
const clouds = new Map<Encryption, Cloud>();

beforeAll(async () => {
  for (const tls of ways) {
    clouds.set(tls, await describeCloud(wholeTopology(fiveHosts(), { settings: { galera: { tls } } })));
  }
});

function cloudWith(tls: Encryption): Cloud {
  const cloud = clouds.get(tls);
  if (!cloud) throw new Error('no such cloud');
  return cloud;
}

/** What a deploy of a cloud would do to these hosts. */
const planOf = ({ topology, desired }: Cloud, hosts: SimulatedHosts) =>
  planChanges({ topology, services, desired, observed: observe(hosts, desired), overwriteDrift: false });

function deployed(cloud: Cloud, hosts: SimulatedHosts): SimulatedHosts {
  return actsOf(planOf(cloud, hosts)).reduce((now, act) => afterAct(now, act, cloud.desired), hosts);
}

/** Hosts on which a first deploy has done all that it does. */
const hostsOf = (tls: Encryption): SimulatedHosts =>
  deployed(cloudWith(tls), new Map(fiveHosts().map(({ name }) => [name, freshHost])));

/** Which service changes on which hosts, batch by batch. */
const turnsOf = (before: Encryption, after: Encryption) => {
  const plan = planOf(cloudWith(after), hostsOf(before));
  return {
    plan,
    turns: plan.batches.map(({ service, hosts }) => ({ service, hosts: hosts.map(({ host }) => host) })),
  };
};

/** What a host that was like this had at a path. */
function wasOn(host: SimulatedHost | undefined, path: string): EarlierFile {
  const file = host?.files.get(path);
  return file === undefined ? { kind: 'not-ours', isThere: true } : { ...file, kind: 'ours', isLive: false };
}

const clients = ['keystone', 'glance', 'placement', 'nova', 'neutron', 'horizon', 'api-checker'];
const turnsWith = (turns: readonly { readonly service: string }[], named: readonly string[]) =>
  turns.flatMap(({ service }, at) => (named.includes(service) ? [at] : []));

describe('the database learns TLS and forgets it, member by member', () => {
  test('members take both before the first client comes by TLS', () => {
    const { plan, turns } = turnsOf(false, 'optional');
    expect(plan.refusals).toEqual([]);
    expect(new Set(clients.filter((client) => turnsWith(turns, [client]).length > 0))).toEqual(
      new Set(clients),
    );
    expect(Math.max(...turnsWith(turns, ['galera']))).toBeLessThan(Math.min(...turnsWith(turns, clients)));
    expect(turns.filter(({ service }) => service === 'galera').map(({ hosts }) => hosts)).toEqual(
      expect.arrayContaining([['ctl01'], ['ctl02'], ['ctl03']]),
    );
  });

  test('from both to TLS alone no client changes, nor on the way back', () => {
    for (const [before, after] of [
      ['optional', true],
      [true, 'optional'],
    ] as const) {
      const { plan, turns } = turnsOf(before, after);
      expect(plan.refusals).toEqual([]);
      expect(turnsWith(turns, ['galera'])).not.toEqual([]);
      // But the checker beside the APIs, which is told whether a member without TLS is nothing to use.
      const others = clients.filter((client) => client !== 'api-checker');
      expect(turnsWith(turns, others)).toEqual([]);
    }
  });

  test('members forget TLS when the last client comes without it, and keep their certificates until then', () => {
    const { plan, turns } = turnsOf('optional', false);
    expect(plan.refusals).toEqual([]);
    for (const client of clients) expect(turnsWith(turns, [client])).not.toEqual([]);
    expect(turnsWith(turns, ['galera']).length).toBeGreaterThanOrEqual(3);
    expect(Math.min(...turnsWith(turns, ['galera']))).toBeGreaterThan(Math.max(...turnsWith(turns, clients)));
    const acts = actsOf(plan);
    const lastRestart = acts.findLastIndex(
      ({ service, step }) => service === 'galera' && step.kind === 'unit',
    );
    const removal = acts.findIndex(
      ({ step }) => step.kind === 'remove-files' && step.paths.some((path) => path.includes('mcp-tls')),
    );
    expect(removal).toBeGreaterThan(lastRestart);
  });

  test('taken back, the authority that came with it stays until no client looks for it', () => {
    const cloud = cloudWith('optional');
    const isAuthority = (path: string) => path.startsWith('/usr/local/share/ca-certificates/');
    // A cloud whose VIPs speak no TLS had none before.
    const before: SimulatedHosts = new Map(
      [...hostsOf(false)].map(([name, host]) => [
        name,
        {
          ...host,
          files: new Map([...host.files].filter(([path]) => !isAuthority(path))),
          applied: new Map([...host.applied].filter(([path]) => !isAuthority(path))),
        },
      ]),
    );
    const hosts = deployed(cloud, before);
    const earlier = new Map(
      [...hosts].map(([name, { files }]) => [
        name,
        new Map([...files.keys()].map((path) => [path, wasOn(before.get(name), path)])),
      ]),
    );
    const { desired } = earlierState(cloud.desired, observe(hosts, cloud.desired), earlier);
    const { topology } = cloud;
    const observed = observe(hosts, desired);
    const plan = planChanges({ topology, services, desired, observed, overwriteDrift: false });
    expect(plan.refusals).toEqual([]);
    const acts = actsOf(plan);
    const lastClient = acts.findLastIndex(({ service }) => clients.includes(service));
    expect(lastClient).toBeGreaterThan(0);
    const removals = acts.flatMap(({ step }, at) =>
      step.kind === 'remove-files' && step.paths.some(isAuthority) ? [at] : [],
    );
    expect(removals).toHaveLength(topology.hosts.length);
    for (const at of removals) expect(at).toBeGreaterThan(lastClient);
  });

  test.each([
    [false, true],
    [true, false],
  ] as const)('from %s to %s at once is refused', (before, after) => {
    const { plan } = turnsOf(before, after);
    expect(plan.refusals).toMatchObject([
      { kind: 'degraded', host: 'ctl01', hint: expect.stringContaining('tls: optional') },
    ]);
  });

  test('a new cloud may begin with it', () => {
    const fresh = new Map(fiveHosts().map(({ name }) => [name, freshHost]));
    expect(planOf(cloudWith(true), fresh).refusals).toEqual([]);
  });
});
