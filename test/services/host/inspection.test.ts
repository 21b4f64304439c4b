import { expect, test } from 'vitest';
import { instancesOf, type Topology } from '../../../src/model/topology.ts';
import { host as service } from '../../../src/services/host/index.ts';
import { resourcesOf } from '../../support/golden.ts';
import { wholeTopology } from '../../support/openstack.ts';
import { fiveHosts, threeHosts } from '../../support/topology.ts';

const copying = (topology: Topology): Topology => ({
  ...topology,
  inventory: { ...topology.inventory, inspection: { address: '10.77.0.20', interface: undefined } },
});
const instancesIn = (topology: Topology) =>
  instancesOf(topology, 'host').map((instance) => ({ ...instance, settings: service.settings.parse({}) }));

test.each([
  ['five-bookworm', fiveHosts('bookworm')],
  ['five-trixie', fiveHosts('trixie')],
  ['three-bookworm', threeHosts('bookworm')],
] as const)('%s: the rules', async (layout, hosts) => {
  const topology = copying(wholeTopology(hosts));
  for (const { name } of hosts) {
    const file = `../../golden/${layout}/${name}/etc/mcp/inspection.nft`;
    await expect(await rulesOn(name, topology)).toMatchFileSnapshot(file);
  }
});

const rulesOn = async (host: string, topology: Topology): Promise<string> => {
  const instance = instancesIn(topology).find((each) => each.host.name === host);
  if (!instance) throw new Error(`nothing on ${host}`);
  const file = (await resourcesOf(service, instance, topology)).find(
    (resource) => resource.kind === 'file' && resource.path.endsWith('inspection.nft'),
  );
  return file?.kind === 'file' ? file.content : '';
};

test('every server that load balancers ask in the clear is copied, on its own host and on no other', async () => {
  const topology = copying(wholeTopology(fiveHosts()));
  const servers = topology.listeners.filter(({ kind }) => kind === 'http').flatMap((each) => each.servers);
  expect(servers.length).toBeGreaterThan(15);
  for (const host of ['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02']) {
    const rules = await rulesOn(host, topology);
    for (const server of servers)
      expect(rules.includes(`${server.address} . ${server.port}`)).toBe(server.host === host);
  }
});

test('what is TLS, to the VIPs, is never copied', async () => {
  const topology = copying(wholeTopology(fiveHosts()));
  for (const { address } of topology.vips) expect(await rulesOn('ctl01', topology)).not.toContain(address);
});

test('without a place to copy to there is no rule, and one that was there before goes', async () => {
  const topology = wholeTopology(fiveHosts());
  const [instance] = instancesIn(topology);
  if (!instance) throw new Error('no instance');
  const units = (await resourcesOf(service, instance, topology)).filter(({ kind }) => kind === 'unit');
  expect(units).toContainEqual(expect.objectContaining({ name: 'mcp-inspection.service', state: 'stopped' }));
  const named = (checked: Topology) => service.checks(instancesIn(checked), checked).map(({ name }) => name);
  expect(named(topology)).not.toContain('host.inspection');
  expect(named(copying(topology))).toContain('host.inspection');
});
