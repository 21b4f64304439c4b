import { expect, test } from 'vitest';
import { describeLab } from '../../src/lab/description.ts';
import { routerRules } from '../../src/lab/router.ts';
import type { Inventory, LabSettings, Node } from '../../src/model/inventory.ts';
import { aLabInventory, aMachine, aNode } from './support.ts';

const networks: Inventory['networks'] = {
  management: { cidr: '10.81.0.0/24', interface: 'br-mgmt' },
  internal: { cidr: '10.81.1.0/24', interface: 'bond0.120' },
  public: { cidr: '10.81.2.0/24', interface: 'br-ext' },
};
const ctl01 = aNode('ctl01', { management: '10.81.0.11', internal: '10.81.1.11' });
const prx01 = aNode('prx01', { management: '10.81.0.14', internal: '10.81.1.14', public: '10.81.2.14' });
const lab = { name: 'blue', directory: '/srv/labs', image: 'bare', shared: [], recorder: undefined } as const;

const labOf = (nodes: readonly Node[], settings: Partial<LabSettings> = {}) =>
  describeLab(
    aLabInventory(
      nodes.map((node) => aMachine(node.name, [node])),
      { networks, lab: { ...lab, ...settings } },
    ),
  );

test('networks with cards of their own are wires of their own, and the controller is the router between them', () => {
  const { segments, hosts } = labOf([ctl01, prx01]);
  expect(segments).toEqual([
    { bridge: 'br0', networks: ['management'], controller: ['10.81.0.1/24'] },
    { bridge: 'br1', networks: ['internal'], controller: ['10.81.1.1/24'] },
    { bridge: 'br2', networks: ['public'], controller: ['10.81.2.1/24'] },
  ]);
  expect(hosts.map(({ links }) => links)).toEqual([
    [
      { interface: 'br-mgmt', port: 'ctl01.0', addresses: ['10.81.0.11/24'], gateway: '10.81.0.1' },
      { interface: 'bond0.120', port: 'ctl01.1', addresses: ['10.81.1.11/24'], bridge: 'br1' },
    ],
    [
      { interface: 'br-mgmt', port: 'prx01.0', addresses: ['10.81.0.14/24'] },
      { interface: 'bond0.120', port: 'prx01.1', addresses: ['10.81.1.14/24'], bridge: 'br1' },
      {
        ...{ interface: 'br-ext', port: 'prx01.2', addresses: ['10.81.2.14/24'], bridge: 'br2' },
        gateway: '10.81.2.1',
      },
    ],
  ]);
});

test('two networks that share a card on one host are one wire for all', () => {
  const shared = { ...ctl01, name: 'ctl02', interfaces: { internal: 'br-mgmt' } };
  const { segments } = labOf([ctl01, shared, prx01]);
  expect(segments?.map(({ networks: names }) => names)).toEqual([['management', 'internal'], ['public']]);
});

test('clients are on a wire of their own, and know no way but the router', () => {
  const { segments, outsiders } = labOf([ctl01, prx01], {
    clients: '192.0.2.0/24',
    outsiders: { user01: '192.0.2.1', spy01: '10.81.1.66' },
  });
  expect(segments?.at(-1)).toEqual({ bridge: 'br3', networks: [], controller: ['192.0.2.2/24'] });
  expect(outsiders).toEqual([
    {
      ...{ name: 'user01', namespace: 'blue.user01', port: 'user01.0' },
      ...{ address: '192.0.2.1/24', bridge: 'br3', gateway: '192.0.2.2' },
    },
    {
      ...{ name: 'spy01', namespace: 'blue.spy01', port: 'spy01.0' },
      ...{ address: '10.81.1.66/24', bridge: 'br1', gateway: '10.81.1.1' },
    },
  ]);
});

test('the router lets new connections in from the management network and to the public one, and only those', () => {
  const rules = routerRules(labOf([ctl01, prx01], { clients: '192.0.2.0/24' }).segments ?? []);
  expect(rules.split('\n').filter((line) => /accept|drop/.test(line))).toEqual([
    '    type filter hook forward priority 0; policy drop;',
    '    ct state established,related accept',
    '    ct state invalid drop',
    '    iifname "br0" accept',
    '    oifname "br2" accept',
  ]);
});

test('the host through which others are reached is one of the lab, and its address nobody else gets', () => {
  const jump = { user: 'visitor', host: '10.81.0.1', port: 2022 };
  const behind = { ...ctl01, ssh: { ...ctl01.ssh, user: 'operator', jump, sudo: 'password' as const } };
  const { hosts, controller } = labOf([behind, prx01]);
  expect(controller[0]).toBe('10.81.0.2/24');
  expect(hosts.at(-1)).toMatchObject({
    ...{ name: 'jump01', address: '10.81.0.1', sshPort: 2022 },
    login: { user: 'visitor', sudo: 'none' },
    links: [{ interface: 'host0', port: 'jump01.0', addresses: ['10.81.0.1/24'], gateway: '10.81.0.2' }],
  });
  expect(hosts[0]?.login).toMatchObject({ user: 'operator', sudo: 'password', from: '10.81.0.1' });
});

test('a second name of a card is that of the one in the management network', () => {
  const { hosts } = labOf([ctl01], { habits: { ctl01: { altname: 'enp94s0f0np0' } } });
  expect(hosts[0]?.links.map(({ alias }) => alias)).toEqual(['enp94s0f0np0', undefined]);
});
