import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { services } from '../../src/services/index.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { fakeService, fakeServices } from './fake-services.ts';

/** Services that the shipped inventories have settings for, running nowhere. */
const strangers = services
  .filter(({ name }) => fakeServices.every((fake) => fake.name !== name))
  .map(({ name, settings }) => ({ ...fakeService({ name, roles: [], port: 1 }), settings }));

const shipped = (name: string): string =>
  fileURLToPath(new URL(`../../inventories/${name}.yaml`, import.meta.url));

async function topologyOf(name: string): Promise<Topology> {
  const { topology, warnings } = await loadTopology(shipped(name), {
    needs: 'topology',
    services: [...fakeServices, ...strangers],
  });
  expect(
    warnings.filter(({ path }) => !['secrets', 'certificates', 'vips'].includes(String(path[0]))),
  ).toEqual([]);
  return topology;
}

const candidates = ({ vips }: Topology): Readonly<Record<string, string>> =>
  Object.fromEntries(vips.map((vip) => [vip.name, vip.candidates.map(({ name }) => name).join(' ')]));

test('in the lab of five hosts two load balancers are first choice', async () => {
  expect(candidates(await topologyOf('lab'))).toEqual({
    control: 'ctl01 ctl02 ctl03',
    database: 'ctl02 ctl03 ctl01',
    public: 'prx01 prx02',
  });
});

test('where three machines carry everything, each is first choice of one VIP', async () => {
  expect(candidates(await topologyOf('three'))).toEqual({
    control: 'node01 node02 node03',
    database: 'node02 node03 node01',
    public: 'node03 node01 node02',
  });
});

test('the reference architecture places eleven hosts on three machines', async () => {
  const { hosts } = await topologyOf('reference');
  const onMachine = (machine: string) =>
    hosts.filter((host) => host.machine === machine).map(({ name }) => name);
  expect(hosts).toHaveLength(11);
  expect(onMachine('kvm01')).toEqual(['ctl01', 'dbs01', 'msg01']);
  expect(onMachine('kvm02')).toEqual(['ctl02', 'dbs02', 'msg02', 'prx01']);
  expect(onMachine('kvm03')).toEqual(['ctl03', 'dbs03', 'msg03', 'prx02']);
});

test('networks that are not described fall back to management', async () => {
  const { hosts, vips } = await topologyOf('lab');
  expect(hosts[0]?.addresses).toEqual({
    management: '10.77.0.11',
    internal: '10.77.0.11',
    public: '10.77.0.11',
    replication: '10.77.0.11',
  });
  expect(hosts[0]?.interfaces.replication).toBe('host0');
  expect(vips[0]?.prefix).toBe(24);
});

test('a service runs on the hosts with its role and knows all its members', async () => {
  const { instances } = await topologyOf('lab');
  const store = instances.filter(({ service }) => service === 'store');
  expect(store.map(({ host }) => host.name)).toEqual(['ctl01', 'ctl02', 'ctl03']);
  expect(store.every(({ members }) => members.length === 3)).toBe(true);
});

test('what services open and offer is collected', async () => {
  const { sockets, listeners, fronts } = await topologyOf('lab');
  expect(sockets.filter(({ service }) => service === 'store').map(({ address }) => address)).toEqual([
    '10.77.0.11',
    '10.77.0.12',
    '10.77.0.13',
  ]);
  expect(listeners.map(({ name }) => name)).toEqual(['store', 'api', 'page']);
  expect(fronts.map(({ role }) => role)).toEqual(['control', 'database', 'proxy']);
});
