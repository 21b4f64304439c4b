import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab } from '../../src/lab/description.ts';
import { inside, makeNetwork, networkExists, removeNetwork } from '../../src/lab/network.ts';
import { endOutsiders, placeOutsiders } from '../../src/lab/outsiders.ts';
import { placeRouter } from '../../src/lab/router.ts';
import { aLabInventory, aMachine, aNode } from '../lab-unit/support.ts';
import { command } from './support/mcp.ts';

// Wires without hosts, in seconds: who reaches whom through the lab's router.
const name = 'mcp-router';
const described = aLabInventory([]).lab;
const node = aNode('prx01', { management: '10.81.0.14', internal: '10.81.1.14', public: '10.81.2.14' });
const addresses = {
  admin: '10.81.0.66',
  inner: '10.81.1.66',
  beside: '10.81.1.67',
  server: '10.81.2.66',
  user: '192.0.2.66',
};
type Who = keyof typeof addresses;
const lab = describeLab(
  aLabInventory([aMachine('prx01', [node])], {
    networks: {
      management: { cidr: '10.81.0.0/24', interface: 'br-mgmt' },
      internal: { cidr: '10.81.1.0/24', interface: 'bond0.120' },
      public: { cidr: '10.81.2.0/24', interface: 'br-ext' },
    },
    lab: described && { ...described, name, clients: '192.0.2.0/24', outsiders: addresses },
  }),
);

const takeDown = async () => {
  await endOutsiders(lab);
  await removeNetwork(lab);
};
beforeAll(async () => {
  await takeDown();
  await makeNetwork(lab);
  await placeRouter(lab);
  await placeOutsiders(lab);
});
afterAll(takeDown);

test('clients reach the public network and no other, and nobody but the management network begins anything further in', async () => {
  await using _servers = await serving(['admin', 'inner', 'server', 'user']);
  const reached: string[] = [];
  for (const from of ['user', 'server', 'inner', 'admin'] as const)
    for (const to of ['server', 'inner', 'admin'] as const)
      if (from !== to && (await reaches(from, to))) reached.push(`${from} ${to}`);
  expect(reached).toEqual(['user server', 'inner server', 'admin server', 'admin inner']);
  // On one wire nobody stands in between.
  expect(await reaches('beside', 'inner')).toBe(true);
});

test('what belongs to no connection that the router has seen begin is dropped', async () => {
  const { stdout } = await command('nsenter', [
    `--net=/run/netns/${name}`,
    'cat',
    '/proc/sys/net/netfilter/nf_conntrack_tcp_loose',
  ]);
  expect(stdout.trim()).toBe('0');
});

test('made again and taken down, it leaves nothing', async () => {
  await makeNetwork(lab);
  await placeRouter(lab);
  const { stdout } = await command('nsenter', [...inside(lab).slice(1), 'nft', 'list', 'ruleset']);
  expect(stdout.match(/table inet mcp_lab_router/g)).toHaveLength(1);
  await takeDown();
  expect(await networkExists(lab)).toBe(false);
});

const inNetworkOf = (who: Who) => `--net=/run/netns/${name}.${who}`;

async function reaches(from: Who, to: Who): Promise<boolean> {
  const connecting = `import socket; socket.create_connection(("${addresses[to]}", 8000), 1).recv(1)`;
  return (await command('nsenter', [inNetworkOf(from), 'python3', '-c', connecting])).exitCode === 0;
}

/** Each says one byte to whoever connects. */
async function serving(servers: readonly Who[]): Promise<AsyncDisposable> {
  const program = `
import socket
server = socket.create_server(("0.0.0.0", 8000)); print(flush=True)
while True: server.accept()[0].send(b"1")`;
  const children = servers.map((who) =>
    spawn('nsenter', [inNetworkOf(who), 'python3', '-c', program], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
  return {
    async [Symbol.asyncDispose]() {
      for (const child of children) {
        child.kill();
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      }
    },
  };
}
