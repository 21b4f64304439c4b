import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Encryption } from '../../src/model/encryption.ts';
import type { Host } from '../../src/model/host.ts';
import type { FileResource } from '../../src/model/resource.ts';
import type { Topology } from '../../src/model/topology.ts';
import { services } from '../../src/services/index.ts';
import { isTemplate, resourcesOf, root, templates } from '../support/golden.ts';
import { topologyOf, wholeTopology } from '../support/openstack.ts';
import { elevenHosts, fiveHosts, threeHosts } from '../support/topology.ts';

const inspection = { address: '10.77.0.20', interface: undefined };

const databaseTls = (tls: Encryption) => ({ settings: { galera: { tls } } });
const brokerTls = (tls: Encryption) => ({ settings: { rabbitmq: { tls } } });

const layouts = [
  ['five', fiveHosts],
  ['three', threeHosts],
  ['eleven', elevenHosts],
] as const;

/** What is kept of each: only the files that differ from the layout as it usually is. */
const variants = [
  ['without-tls', (hosts: readonly Host[]) => wholeTopology(hosts, { tls: false })],
  ['inspected', (hosts: readonly Host[]) => wholeTopology(hosts, { inspection })],
  ['database-tls-optional', (hosts: readonly Host[]) => wholeTopology(hosts, databaseTls('optional'))],
  ['database-tls', (hosts: readonly Host[]) => wholeTopology(hosts, databaseTls(true))],
  ['broker-tls-optional', (hosts: readonly Host[]) => wholeTopology(hosts, brokerTls('optional'))],
  ['broker-tls', (hosts: readonly Host[]) => wholeTopology(hosts, brokerTls(true))],
] as const;

describe.each(layouts)('%s hosts', (layout, hosts) => {
  const usual = wholeTopology(hosts());

  test.each(variants)('%s: what changes against the usual', async (variant, of) => {
    const changed = difference(await filesIn(of(hosts())), await filesIn(usual));
    await expectTree(`${layout}-${variant}`, changed);
  });

  test('on trixie, with RabbitMQ 4: what changes against bookworm', async () => {
    const changed = difference(await filesIn(wholeTopology(hosts('trixie'))), await filesIn(usual));
    await expectTree(`${layout}-on-trixie`, changed);
  });

  test('every template is rendered', async () => {
    const trees = [usual, ...variants.map(([, of]) => of(hosts())), wholeTopology(hosts('trixie'))];
    const rendered = (await Promise.all(trees.map((tree) => filesIn(tree)))).flatMap((tree) => [
      ...tree.values(),
    ]);
    expect([...new Set(rendered.map(({ template }) => template))].sort()).toEqual(await templateNames());
  });
});

test('eleven hosts: every file of one host of each role', async () => {
  await expectTree('eleven-bookworm', await filesIn(wholeTopology(elevenHosts())));
});

test('several networks: what names a network, an interface or a host on each kind of machine, and on those with other cards', async () => {
  const topology = await topologyOf(`${root}test/layouts/segmented.yaml`);
  const tree = await filesIn(topology, ['ctl01', 'ctl02', 'prx01', 'prx02']);
  const networked =
    /keepalived\.conf|vip-watch\.json|firewall\.nft|inspection\.nft|etc\/hosts|99-mcp\.cnf|rabbitmq\.conf|haproxy-.*\.cfg|nginx\.conf/;
  await expectTree('segmented-bookworm', new Map([...tree].filter(([path]) => networked.test(path))));
});

type Tree = ReadonlyMap<string, FileResource>;

/** Every file of these hosts, by `host/path`; without them those of the first host of each set of roles. */
async function filesIn(topology: Topology, wanted?: readonly string[]): Promise<Tree> {
  const firsts = new Map(
    topology.hosts.toReversed().map((host) => [[...host.roles].sort().join(), host.name]),
  );
  const named = new Set(wanted ?? firsts.values());
  const instances = topology.instances.filter(({ host }) => named.has(host.name));
  const files = await Promise.all(
    instances.map(async (instance) => {
      const service = services.find(({ name }) => name === instance.service);
      if (!service) throw new Error(`no service ${instance.service}`);
      const resources = await resourcesOf(service, instance, topology);
      return resources
        .filter((resource) => resource.kind === 'file')
        .map((file): [string, FileResource] => [`${instance.host.name}${file.path}`, file]);
    }),
  );
  return new Map(files.flat());
}

const difference = (tree: Tree, usual: Tree): Tree =>
  new Map([...tree].filter(([path, { content }]) => usual.get(path)?.content !== content));

/** The files as they are kept in `test/golden/NAME`, and none besides. `vitest -u` writes what is new, but removes nothing. */
async function expectTree(name: string, tree: Tree): Promise<void> {
  expect(tree.size).toBeGreaterThan(0);
  const folder = `${root}test/golden/${name}`;
  const wanted = new Set<string>();
  for (const [path, file] of tree) {
    if (await isTemplate(file)) continue;
    wanted.add(path);
    await expect(file.content).toMatchFileSnapshot(`${folder}/${path}`);
  }
  expect((await filesBelow(folder)).filter((path) => !wanted.has(path))).toEqual([]);
}

/** What services say in the same words is rendered as a part of other templates. */
async function templateNames(): Promise<readonly string[]> {
  return [...(await templates).keys()].filter((name) => !name.startsWith('shared/')).sort();
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return found
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(folder.length + 1));
}
