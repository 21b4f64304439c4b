import { join } from 'node:path';
import { secretsOf } from './hosts.ts';
import { root } from './mcp.ts';

/** Where somebody sits who uses the lab's cloud: on its network, knowing its public VIP by name and its authority. */
export const publicSeat = {
  namespace: 'mcp-lab',
  address: '10.77.0.102',
  hostname: 'cloud.lab',
  authority: join(root, 'inventories/lab.certs/ca.crt'),
} as const;

/** On the cloud's own network, where the proxies are not needed. */
export const controlSeat = { ...publicSeat, address: '10.77.0.100', hostname: 'internal.cloud.lab' } as const;

/** The same for the reference architecture. */
export const referenceSeat = {
  namespace: 'mcp-ref',
  address: '10.79.0.102',
  hostname: 'cloud.ref',
  authority: join(root, 'inventories/reference.certs/ca.crt'),
} as const;

/** A user of the cloud with several networks, beyond the router of its lab. */
export const networksSeat = {
  namespace: 'mcp-networks.user01',
  address: '10.81.2.102',
  hostname: 'cloud.networks',
  authority: join(root, 'inventories/networks.certs/ca.crt'),
} as const;

export const administratorPassword = async (
  inventory: 'lab' | 'reference' | 'networks' = 'lab',
): Promise<string> => (await secretsOf(`${inventory}.secrets.yaml`))['keystone.admin'] ?? '';
