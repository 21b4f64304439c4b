import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { inventorySchemaText } from '../../src/workflows/inventory-schema.ts';
import { inventoryOf } from './any-layout.ts';
import { complaintsAbout } from './five-hosts.ts';

/** As editors do: formats are theirs to know, and words of their own (`patternErrorMessage`) no concern of the schema. */
const asEditor = new Ajv({ strict: false, validateFormats: false }).compile(
  JSON.parse(inventorySchemaText()),
);

const whole = inventoryOf({
  ...{ kind: 'five', release: 'bookworm', networks: [], tls: true, isNamed: true, prefix: 'host' },
});
const { machines } = whole;
const [first, ...others] = Object.entries(Object(machines));
const host: object = Object(first?.[1]);
const withFirst = (changed: object, name = 'host1') => ({
  ...whole,
  machines: Object.fromEntries([[name, changed], ...others]),
});
const management = (network: object) => ({
  ...whole,
  networks: { management: { cidr: '10.77.0.0/24', interface: 'eth0', ...network } },
});
const withServices = (services: object) => ({ ...whole, services });
const control = Object(Object(whole['vips'])['control']);
const withControl = (changed: object) => ({
  ...whole,
  vips: { ...Object(whole['vips']), control: { ...control, ...changed } },
});
const { addresses, roles }: { addresses?: unknown; roles?: unknown } = host;

/** What can be said of each value by itself: an editor underlines it while it is written. */
const seenByEditors: Readonly<Record<string, object>> = {
  'nothing at all': {},
  'an unknown key': { ...whole, clowd: 'x' },
  'no release, where no lab is': { ...whole, platform: { distribution: 'debian' } },
  'no machines': { ...whole, machines: {} },
  'no VIPs': { ...whole, vips: {} },
  'no addresses': withFirst({ roles }),
  'no roles': withFirst({ addresses }),
  'an empty list of roles': withFirst({ addresses, roles: [] }),
  'addresses without management': withFirst({ addresses: {}, roles }),
  'neither roles nor nodes': withFirst({}),
  'roles and nodes together': withFirst({ addresses, roles, nodes: { inner: host } }),
  'addresses and nodes together': withFirst({ addresses, nodes: { inner: host } }),
  'nodes: {}': withFirst({ nodes: {} }),
  'a node that carries nodes': withFirst({ nodes: { inner: { ...host, nodes: { more: host } } } }),
  'a node without addresses': withFirst({ nodes: { inner: { roles } } }),
  'a name of digits': withFirst(host, '01'),
  localhost: withFirst(host, 'localhost'),
  'a name of 64 characters': withFirst(host, 'n'.repeat(64)),
  'host bits': management({ cidr: '10.77.0.1/24' }),
  'host bits beside an octet': management({ cidr: '10.77.96.0/18' }),
  'a prefix of 33': management({ cidr: '10.77.0.0/33' }),
  'a network of groups': management({ cidr: '224.0.0.0/8' }),
  IPv6: management({ cidr: 'fd00::/64' }),
  'host bits in a setting': withServices({ host: { trustedNetworks: ['192.0.2.1/24'] } }),
  'an interface of 16 characters': management({ interface: 'i'.repeat(16) }),
  'an address of 256': withControl({ address: '10.77.0.256' }),
  'a VRID of 0': withControl({ routerId: 0 }),
  'a VRID of 256': withControl({ routerId: 256 }),
  'a name that is an address': withControl({ hostname: '10.0.0.1' }),
  'yes for true': withControl({ tls: 'yes' }),
  'an unknown service': withServices({ stor: {} }),
  'an unknown setting': withServices({ galera: { tsl: true } }),
  'a setting beyond its bounds': withServices({ galera: { applierThreads: 65 } }),
  'a finer number than there is': withServices({ galera: { suspectSeconds: 1.05 } }),
  'a setting of the whole cloud on a machine': withFirst({ ...host, services: { keystone: { port: 5001 } } }),
  'a port of ssh beyond its bounds': withFirst({ ...host, ssh: { port: 65_536 } }),
  'two kinds of servers': withServices({
    'own-http': {
      services: { heat: { port: 8004, serverPort: 8004, servers: { role: 'control', hosts: ['host1'] } } },
    },
  }),
};

test.each(Object.entries(seenByEditors))(
  'an editor sees it, as validate does: %s',
  async (_what, inventory) => {
    expect((await complaintsAbout(JSON.stringify(inventory))).join()).toContain('error');
    expect(asEditor(inventory)).toBe(false);
  },
);

/** What takes one value beside another, or a look at the machine: a JSON Schema has no words for it. */
const seenByValidateAlone: Readonly<Record<string, object>> = {
  'an address twice': withFirst({ addresses: { management: '10.77.0.12' }, roles }),
  'an address outside of its network': withControl({ address: '10.78.0.1', network: 'management' }),
  'a VRID twice': withControl({ routerId: 52 }),
  'an even number of members': { ...whole, machines: Object.fromEntries(others) },
  'a port twice': withServices({ glance: { store: { shared: true } }, nova: { port: 9292 } }),
  'a folder that is not there': { ...whole, overrides: './nowhere' },
};

test.each(Object.entries(seenByValidateAlone))('validate alone sees it: %s', async (_what, inventory) => {
  expect(asEditor(inventory)).toBe(true);
  expect((await complaintsAbout(JSON.stringify(inventory))).join()).toContain('error');
});

test('an editor has nothing against what is right', async () => {
  for (const inventory of [
    whole,
    { ...whole, platform: { distribution: 'debian' }, lab: {} },
    ...['10.77.0.0/25', '10.77.0.0/16', '10.64.0.0/11'].map((cidr) => management({ cidr })),
  ]) {
    expect([asEditor(inventory), asEditor.errors]).toEqual([true, null]);
    expect(
      (await complaintsAbout(JSON.stringify(inventory))).filter((line) => line.startsWith('error')),
    ).toEqual([]);
  }
});
