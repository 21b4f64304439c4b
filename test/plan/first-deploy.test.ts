import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HostObservation, ObservedState } from '../../src/model/observed.ts';
import { membershipIn } from '../../src/model/observed.ts';
import { isEmpty } from '../../src/model/plan.ts';
import { planChanges } from '../../src/plan/index.ts';
import { maskWith, planDiff } from '../../src/report/index.ts';
import { services } from '../../src/services/index.ts';
import { type Cloud, describeCloud } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { planCloud } from '../../src/workflows/plan.ts';
import { noRepository } from '../../src/workflows/repository.ts';
import { shippedInventory } from '../support/shipped-inventory.ts';
import { actsOf, afterAct, freshHost, observe, type SimulatedHosts } from '../support/simulated-hosts.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-first-deploy-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A shipped inventory with secrets and certificates of its own. */
async function shipped(name: string): Promise<Cloud> {
  return describeCloud((await loadTopology(await shippedInventory(folder, name))).topology);
}

const freshHostsOf = ({ topology }: Cloud): SimulatedHosts =>
  new Map(topology.hosts.map(({ name }) => [name, freshHost]));

const planned = ({ topology, desired }: Cloud, hosts: SimulatedHosts) => {
  const observed = observe(hosts, desired);
  return {
    plan: planChanges({
      ...{ topology, services, desired, observed, overwriteDrift: false },
      membership: { recorded: membershipIn(observed, 'lab'), all: topology },
    }),
    desired,
    observed,
  };
};

const layouts = ['lab.yaml', 'three.yaml', 'reference.yaml'];

test.each(layouts)(
  '%s: after everything that is planned was done, nothing is left to do',
  async (name) => {
    const cloud = await shipped(name);
    const fresh = freshHostsOf(cloud);
    const { plan } = planned(cloud, fresh);
    expect(plan.refusals).toEqual([]);
    for (const { hosts } of plan.batches) {
      for (const { steps } of hosts) {
        const made = steps.flatMap((step) => (step.kind === 'make-directory' ? [step.path] : []));
        expect(made).toEqual([...new Set(made)]);
      }
    }
    const deployed = actsOf(plan).reduce((hosts, act) => afterAct(hosts, act, cloud.desired), fresh);
    const again = planned(cloud, deployed).plan;
    expect(again.batches).toEqual([]);
    expect(isEmpty(again)).toBe(true);
  },
  30_000,
);

test('services are asked how they are only where something is due', async () => {
  const cloud = await shipped('lab.yaml');
  const fresh = freshHostsOf(cloud);
  const deployed = actsOf(planned(cloud, fresh).plan).reduce(
    (hosts, act) => afterAct(hosts, act, cloud.desired),
    fresh,
  );
  const askedFor = async (hosts: SimulatedHosts, alter = (seen: ObservedState): ObservedState => seen) => {
    const depths: string[] = [];
    const { plan } = await planCloud({
      cloud,
      repository: noRepository,
      observeOthers: () => Promise.reject(new Error('nobody else takes part')),
      admit: () => undefined,
      async observe(depth) {
        depths.push(depth);
        return alter(observe(hosts, cloud.desired));
      },
    });
    return { depths, isEmpty: isEmpty(plan), refusals: plan.refusals.length };
  };
  expect(await askedFor(deployed)).toEqual({ depths: ['state'], isEmpty: true, refusals: 0 });
  expect(await askedFor(fresh)).toEqual({
    depths: ['state', 'everything'],
    isEmpty: false,
    refusals: 0,
  });
  // A member that waits for others is not due, and nothing would be said of it.
  const waiting = ({ hosts }: ObservedState): ObservedState => ({
    hosts: new Map(
      [...hosts].map(([name, now]): [string, HostObservation] => {
        const unit = now.kind === 'reachable' ? now.units.get('mariadb.service') : undefined;
        if (now.kind !== 'reachable' || unit === undefined) return [name, now];
        const units = new Map([...now.units, ['mariadb.service', { ...unit, activeState: 'activating' }]]);
        return [name, { ...now, units }];
      }),
    ),
  });
  expect(await askedFor(deployed, waiting)).toMatchObject({ depths: ['state', 'everything'] });
}, 30_000);

test('git is asked how old the inventory is only where hosts remember a commit, and --allow-older asks nothing', async () => {
  const cloud = await shipped('lab.yaml');
  const theirs = { hash: 'b'.repeat(40), committedAt: '2026-01-02T09:00:00Z', dirty: false };
  const account = (run: string) => ({
    ...{ run, verb: 'deploy', by: 'bob', from: 'ws2', since: '2026-01-02T10:00:00.000Z' },
    ...{ hosts: ['ctl01'], changesMembers: false },
  });
  /** Hosts on which a deploy was from this commit, or from none; `ctl02` has seen none since an earlier one. */
  const remembering = (commit: typeof theirs | undefined) => {
    const { hosts } = observe(freshHostsOf(cloud), cloud.desired);
    const deployed = {
      number: 9,
      account: { ...account('r9'), ...(commit === undefined ? {} : { commit }) },
    };
    const former = { number: 8, account: { ...account('r8'), commit: { ...theirs, hash: 'c'.repeat(40) } } };
    return {
      hosts: new Map(
        [...hosts].map(([name, now]) => {
          const last = name === 'ctl02' ? former : deployed;
          return [name, { ...now, cloud: 'lab', lastRuns: { number: last.number, deployed: last } }];
        }),
      ),
    };
  };
  const plan = async (commit: typeof theirs | undefined, allowOlder: boolean) => {
    const asked: string[] = [];
    const { plan: made } = await planCloud(
      {
        cloud,
        repository: {
          commit: async () => ({ ...theirs, hash: 'a'.repeat(40) }),
          async isOlderThan({ hash }) {
            asked.push(hash);
            return true;
          },
        },
        observeOthers: () => Promise.reject(new Error('nobody else takes part')),
        admit: () => undefined,
        observe: async () => remembering(commit),
      },
      { allowOlder },
    );
    const isRefused = made.refusals.some(({ kind }) => kind === 'older');
    return { asked: [...new Set(asked)], isRefused };
  };
  expect(await plan(theirs, false)).toEqual({ asked: [theirs.hash], isRefused: true });
  expect(await plan(theirs, true)).toEqual({ asked: [], isRefused: false });
  expect(await plan(undefined, false)).toEqual({ asked: [], isRefused: false });
}, 30_000);

test('no generated secret is in the diff of a first deploy, whole or line by line', async () => {
  const cloud = await shipped('lab.yaml');
  const { secrets, certificates } = cloud.topology;
  const hidden = [...secrets.values(), ...Object.values(certificates.vips).map(({ key }) => key)];
  const first = planned(cloud, freshHostsOf(cloud));
  const lines = hidden
    .flatMap((secret) => secret.reveal().trim().split('\n'))
    .filter((line) => !line.startsWith('--'));
  const occurring = (text: string): number => lines.filter((line) => text.includes(line)).length;
  expect(occurring(planDiff(first, (text) => text))).toBeGreaterThan(5);
  expect(occurring(planDiff(first, maskWith(hidden)))).toBe(0);
}, 30_000);
