import { expect, test } from 'vitest';
import { describeLab, hostNamed, hostsNamed } from '../../src/lab/description.ts';
import { McpError } from '../../src/model/failure.ts';
import { aLabInventory, aMachine, aNode } from './support.ts';

const kvm01 = aMachine('kvm01', [
  aNode('ctl01', { management: '10.77.0.11' }),
  aNode('dbs01', { management: '10.77.0.21' }),
]);
const prx01 = aMachine('prx01', [aNode('prx01', { management: '10.77.0.41' })]);

test('every node is a host of its own, on the machine that carries it', () => {
  const { hosts } = describeLab(aLabInventory([kvm01, prx01]));
  expect(hosts.map(({ name, machine, address }) => [name, machine, address])).toEqual([
    ['ctl01', 'kvm01', '10.77.0.11'],
    ['dbs01', 'kvm01', '10.77.0.21'],
    ['prx01', 'prx01', '10.77.0.41'],
  ]);
});

test('a machine stands for all nodes on it, a host for itself', () => {
  const lab = describeLab(aLabInventory([kvm01, prx01]));
  expect(hostsNamed(lab, 'kvm01').map(({ name }) => name)).toEqual(['ctl01', 'dbs01']);
  expect(hostsNamed(lab, 'dbs01').map(({ name }) => name)).toEqual(['dbs01']);
  expect(() => hostNamed(lab, 'kvm01')).toThrow('kvm01 carries several hosts');
});

test('a name that nothing has is refused with the names there are', () => {
  const lab = describeLab(aLabInventory([kvm01]));
  const refused = failureOf(() => hostsNamed(lab, 'ctl1'));
  expect(refused.code).toBe('invalid-arguments');
  expect(refused.details.hint).toContain('kvm01, ctl01, dbs01');
});

test('networks with one interface share a card, others get a card of their own', () => {
  const node = aNode('ctl01', {
    management: '10.77.0.11',
    internal: '10.78.0.11',
    replication: '10.79.0.11',
  });
  const { hosts, controller } = describeLab(
    aLabInventory([aMachine('ctl01', [node])], {
      networks: {
        management: { cidr: '10.77.0.0/24', interface: 'host0' },
        internal: { cidr: '10.78.0.0/24', interface: 'host0' },
        replication: { cidr: '10.79.0.0/16', interface: 'host1' },
      },
    }),
  );
  expect(hosts[0]?.links).toEqual([
    {
      ...{ interface: 'host0', port: 'ctl01.0', addresses: ['10.77.0.11/24', '10.78.0.11/24'] },
      gateway: '10.77.0.1',
    },
    { interface: 'host1', port: 'ctl01.1', addresses: ['10.79.0.11/16'], bridge: 'br1' },
  ]);
  expect(controller).toEqual(['10.77.0.1/24', '10.78.0.1/24', '10.79.0.1/16']);
});

test('the controller takes the first address that no host and no VIP has', () => {
  const hosts = [aMachine('a', [aNode('a', { management: '10.77.0.1' })])];
  expect(describeLab(aLabInventory(hosts)).controller).toEqual(['10.77.0.2/24']);
});

test('ports of hosts with long names stay within what the kernel takes, and differ', () => {
  const names = ['control-plane-node-1', 'control-plane-node-2'];
  const machines = names.map((name, index) =>
    aMachine(name, [aNode(name, { management: `10.77.0.${11 + index}` })]),
  );
  const ports = describeLab(aLabInventory(machines)).hosts.map(({ links }) => links[0]?.port ?? '');
  expect(new Set(ports).size).toBe(2);
  expect(ports.every((port) => port.length <= 15)).toBe(true);
});

test('an inventory without a lab is told so', () => {
  expect(() => describeLab(aLabInventory([kvm01], { lab: undefined }))).toThrow('has no `lab` section');
});

function failureOf(act: () => unknown): McpError {
  try {
    act();
  } catch (failure) {
    if (failure instanceof McpError) return failure;
  }
  throw new Error('nothing was refused');
}

test('a recorder is one more host of the lab, in the management network alone', () => {
  const lab = { name: 'blue', directory: '/srv/labs', image: 'stocked' as const, shared: [] };
  const recorder = { name: 'sec01', address: '10.77.0.20' };
  const { hosts } = describeLab(aLabInventory([prx01], { lab: { ...lab, recorder } }));
  expect(hosts.at(-1)).toMatchObject({
    name: 'sec01',
    machine: 'sec01',
    isRecorder: true,
    links: [{ interface: 'host0', addresses: ['10.77.0.20/24'] }],
  });
  expect(hosts[0]?.isRecorder).toBeUndefined();
});

test('an outsider has a card on the switch and an address that nobody else gets, and is no host', () => {
  const outsiders = { out01: '10.77.0.1', out02: '10.77.0.66' };
  const inventory = aLabInventory([prx01]);
  const lab = describeLab({ ...inventory, lab: inventory.lab && { ...inventory.lab, outsiders } });
  expect(lab.hosts.map(({ name }) => name)).toEqual(['prx01']);
  expect(lab.outsiders).toEqual([
    { name: 'out01', address: '10.77.0.1/24', namespace: 'blue.out01', port: 'out01.0' },
    { name: 'out02', address: '10.77.0.66/24', namespace: 'blue.out02', port: 'out02.0' },
  ]);
  expect(lab.controller).toEqual(['10.77.0.2/24']);
});

test('a verb for hosts refuses an outsider, and says how programs run there', () => {
  const inventory = aLabInventory([prx01]);
  const outsiders = { out01: '10.77.0.66' };
  const lab = describeLab({ ...inventory, lab: inventory.lab && { ...inventory.lab, outsiders } });
  const refused = failureOf(() => hostsNamed(lab, 'out01'));
  expect(refused.code).toBe('invalid-arguments');
  expect(refused.details.hint).toContain('nsenter --net=/run/netns/blue.out01');
});
