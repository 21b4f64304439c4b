import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Inventory, Machine, Node, Role, Vip } from '../../src/model/inventory.ts';
import { Secret } from '../../src/model/secret.ts';
import { platformOf } from '../../src/platform/index.ts';
import { checkTopology, resolveTopology } from '../../src/topology/index.ts';
import { fakeService, fakeServices } from './fake-services.ts';

const ssh = {
  user: 'root',
  port: 22,
  identityFiles: [],
  knownHosts: '/root/.ssh/known_hosts',
  namespace: undefined,
  jump: undefined,
  sudo: 'none' as const,
};
const platform = { distribution: 'debian', release: 'bookworm' } as const;

const node = (name: string, address: string, roles: readonly Role[]): Node => ({
  name,
  addresses: { management: address },
  roles,
  ssh,
  platform,
  interfaces: {},
  services: {},
});

const inventoryOf = (machines: readonly Machine[], vips: readonly Vip[]): Inventory => ({
  format: 1,
  file: '/inventory.yaml',
  cloud: 'test',
  region: 'RegionOne',
  platform,
  ssh,
  networks: { management: { cidr: '10.0.0.0/16', interface: 'eth0' } },
  machines,
  vips,
  services: {},
  secrets: new Map([['store.root', new Secret('x')]]),
  certificates: { authority: undefined, vips: {}, hosts: {}, issuers: [] },
  overrides: [],
  inspection: undefined,
  lab: undefined,
});

const vip = (name: string, role: Role, number: number): Vip => ({
  name,
  role,
  network: 'management',
  address: `10.0.255.${number}`,
  routerId: number,
  hostname: undefined,
  tls: false,
});

/** Any cloud that an operator may build: as many hosts a role as it needs, together on machines or each on its own. */
const validInventory = fc
  .record({
    control: fc.integer({ min: 2, max: 6 }),
    database: fc.constantFrom(3, 5, 7),
    messaging: fc.constantFrom(3, 5),
    proxy: fc.integer({ min: 2, max: 4 }),
    isStacked: fc.boolean(),
    vipsPerRole: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ isStacked, vipsPerRole, ...counts }) => {
    const wanted: readonly (readonly [Role, number])[] = [
      ['control', counts.control],
      ['database', counts.database],
      ['messaging', counts.messaging],
      ['proxy', counts.proxy],
    ];
    const nodes = wanted.flatMap(([role, count], row) =>
      Array.from({ length: count }, (_, index) => ({
        index,
        node: node(`${role}${index}`, `10.0.${row}.${index + 1}`, [role]),
      })),
    );
    const alone = nodes.map(
      ({ node: own }): Machine => ({ name: own.name, rack: own.name, nodes: [own], carriesNodes: false }),
    );
    const stacked = Array.from(
      { length: 7 },
      (_, machine): Machine => ({
        name: `kvm${machine}`,
        rack: `r${machine}`,
        carriesNodes: true,
        nodes: nodes.filter(({ index }) => index === machine).map(({ node: own }) => own),
      }),
    );
    const vips = (['control', 'database', 'proxy'] as const).flatMap((role, row) =>
      Array.from({ length: vipsPerRole }, (_, index) => vip(`${role}-${index}`, role, row * 10 + index + 1)),
    );
    return inventoryOf(isStacked ? stacked : alone, vips);
  });

test('no rule complains about a valid inventory', () => {
  fc.assert(
    fc.property(validInventory, (inventory) => {
      expect(checkTopology(inventory, fakeServices, { platformOf })).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('the VIPs of one set of hosts are spread as evenly as they can be', () => {
  fc.assert(
    fc.property(validInventory, (inventory) => {
      const { vips, hosts } = resolveTopology(inventory, fakeServices, platformOf);
      for (const role of ['control', 'database', 'proxy'] as const) {
        const able = hosts.filter(({ roles }) => roles.includes(role));
        const ofRole = vips.filter((candidate) => candidate.role === role);
        const first = able.map(
          ({ name }) => ofRole.filter(({ candidates }) => candidates[0]?.name === name).length,
        );
        expect(Math.max(...first) - Math.min(...first)).toBeLessThanOrEqual(1);
        for (const { candidates } of ofRole) expect(new Set(candidates)).toEqual(new Set(able));
      }
    }),
    { numRuns: 60 },
  );
});

test('taking any member out of its quorum, or putting it beside another, is refused', () => {
  fc.assert(
    fc.property(validInventory, fc.constantFrom<Role>('database', 'messaging'), (inventory, role) => {
      const members = inventory.machines.filter(({ nodes }) =>
        nodes.some(({ roles }) => roles.includes(role)),
      );
      const [first, second] = members;
      const moved = second?.nodes.filter(({ roles }) => roles.includes(role)) ?? [];
      const dropped = inventory.machines.map((machine) =>
        machine === second
          ? { ...machine, nodes: machine.nodes.filter((candidate) => !moved.includes(candidate)) }
          : machine,
      );
      const joined = dropped.map((machine) =>
        machine.name === first?.name ? { ...machine, nodes: [...machine.nodes, ...moved] } : machine,
      );
      const messages = (machines: readonly Machine[]) =>
        checkTopology({ ...inventory, machines }, fakeServices, { platformOf }).map(({ message }) => message);
      expect(messages(dropped).join()).toContain('a quorum needs an odd number');
      expect(messages(joined).join()).toContain('its failure takes them together');
    }),
    { numRuns: 60 },
  );
});

test('rules work before there is any service', () => {
  fc.assert(
    fc.property(validInventory, (inventory) => {
      expect(checkTopology(inventory, [], { platformOf })).toEqual([]);
    }),
    { numRuns: 10 },
  );
});

const three = inventoryOf(
  [1, 2, 3].map((index) => {
    const own = node(`n${index}`, `10.0.0.${index}`, ['control', 'database', 'messaging', 'proxy']);
    return { name: own.name, rack: undefined, nodes: [own], carriesNodes: false };
  }),
  [vip('control', 'control', 1), vip('database', 'database', 2), vip('public', 'proxy', 3)],
);

test('a clash of two default ports is told once, not once a host', () => {
  const twin = fakeService({ name: 'twin', roles: ['proxy'], port: 5672 });
  expect(checkTopology(three, [...fakeServices, twin], { platformOf })).toEqual([
    {
      severity: 'error',
      path: ['services', 'twin'],
      message: 'broker (clients) and twin (clients) both listen on 10.0.0.1:5672 of n1',
      hint: 'give one of them another port',
    },
  ]);
});

test('a clash on a VIP is told with the address', () => {
  const twin = fakeService({
    name: 'twin',
    roles: ['control'],
    port: 5001,
    listener: { role: 'control', port: 5000 },
  });
  expect(checkTopology(three, [...fakeServices, twin], { platformOf })).toMatchObject([
    { message: 'api and twin are both offered on the VIP 10.0.255.1:5000' },
  ]);
});

test('a listener on a role without a VIP has nowhere to be', () => {
  const odd = fakeService({
    name: 'odd',
    roles: ['control'],
    port: 5001,
    listener: { role: 'messaging', port: 1 },
  });
  expect(checkTopology(three, [...fakeServices, odd], { platformOf })).toMatchObject([
    { path: ['vips'], message: 'there is no VIP with the role messaging, where odd is offered' },
  ]);
});

test('what is said for one machine alone is laid over what is said for all', () => {
  const machines = three.machines.map((machine) => ({
    ...machine,
    nodes: machine.nodes.map((own) =>
      own.name === 'n2' ? { ...own, services: { store: { workers: 9 } } } : own,
    ),
  }));
  const inventory = { ...three, machines, services: { store: { port: 3307, workers: 4 } } };
  const { instances } = resolveTopology(inventory, fakeServices, platformOf);
  expect(instances.filter(({ service }) => service === 'store').map(({ settings }) => settings)).toEqual([
    { port: 3307, workers: 4 },
    { port: 3307, workers: 9 },
    { port: 3307, workers: 4 },
  ]);
});

test('what is copied for inspection may not be copied to one of our own', () => {
  const copiedTo = (address: string) =>
    checkTopology({ ...three, inspection: { address, interface: undefined } }, fakeServices, { platformOf });
  expect(copiedTo('10.0.9.9')).toEqual([]);
  expect(copiedTo('10.0.0.2')).toMatchObject([{ path: ['inspection', 'address'], severity: 'error' }]);
  expect(copiedTo('10.0.255.1')).toMatchObject([{ path: ['inspection', 'address'] }]);
});

/** A service of the control hosts that clients outside use through the proxies too. */
const published = (port: number) => ({
  ...fakeService({ name: 'image', roles: ['control'], port: 9292 }),
  listeners: () => [
    {
      name: 'image',
      service: 'image',
      role: 'control' as const,
      port,
      kind: 'http' as const,
      servers: [],
      check: { kind: 'direct' as const, port, path: '/', expect: 200 },
      reach: 'world' as const,
      from: 'anyone' as const,
      statics: [],
    },
  ],
});

test('what the world uses needs its port on the VIP of the proxies too', () => {
  expect(checkTopology(three, [...fakeServices, published(9292)], { platformOf })).toEqual([]);
  const clash = checkTopology(three, [...fakeServices, published(443)], { platformOf });
  expect(clash.map(({ message }) => message)).toEqual([
    expect.stringMatching(/both offered on the VIP 10\.0\.255\.3:443/),
  ]);
});

test('a control VIP with TLS needs a name by which the proxies verify it', () => {
  const withTls = (hostname: string | undefined) => ({
    ...three,
    vips: three.vips.map((each) => (each.role === 'control' ? { ...each, tls: true, hostname } : each)),
  });
  const check = (hostname: string | undefined) =>
    checkTopology(withTls(hostname), [...fakeServices, published(9292)], { platformOf });
  expect(check('internal.example')).toEqual([]);
  expect(check(undefined)).toMatchObject([{ path: ['vips', 'control'], severity: 'error' }]);
  // Nothing goes from the proxies to it: then it needs none.
  expect(checkTopology(withTls(undefined), fakeServices, { platformOf })).toEqual([]);
});

test('what a service finds wrong with its settings is told where they stand', () => {
  const picky = {
    ...fakeService({ name: 'picky', roles: ['control'], port: 9000 }),
    mistakes: () => [{ severity: 'error' as const, path: ['store'], message: 'is not shared' }],
  };
  expect(checkTopology(three, [...fakeServices, picky], { platformOf })).toMatchObject([
    { path: ['services', 'picky', 'store'], message: 'is not shared' },
  ]);
});
