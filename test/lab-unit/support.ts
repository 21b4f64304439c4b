import type { Inventory, Machine, Node, SshSettings } from '../../src/model/inventory.ts';

const ssh: SshSettings = {
  user: 'root',
  port: 22,
  identityFiles: ['/srv/labs/id_ed25519'],
  knownHosts: '/srv/labs/known_hosts',
  namespace: 'blue',
  jump: undefined,
  sudo: 'none',
};

const platform = { distribution: 'debian', release: 'bookworm' } as const;

export const aNode = (
  name: string,
  addresses: Node['addresses'],
  interfaces: Node['interfaces'] = {},
): Node => ({
  name,
  addresses,
  roles: ['control'],
  ssh,
  platform,
  interfaces,
  services: {},
});

export const aMachine = (name: string, nodes: readonly Node[]): Machine => ({
  name,
  rack: undefined,
  nodes,
  carriesNodes: nodes.length > 1,
});

/** An inventory with a lab in it; the machines are what a test is about. */
export const aLabInventory = (machines: readonly Machine[], changes: Partial<Inventory> = {}): Inventory => ({
  format: 1,
  file: '/srv/inventories/blue.yaml',
  cloud: 'blue',
  region: 'RegionOne',
  platform,
  ssh,
  networks: { management: { cidr: '10.77.0.0/24', interface: 'host0' } },
  machines,
  vips: [
    {
      name: 'public',
      role: 'proxy',
      network: 'management',
      address: '10.77.0.102',
      routerId: 61,
      hostname: undefined,
      tls: true,
    },
  ],
  services: {},
  secrets: new Map(),
  certificates: { authority: undefined, vips: {}, hosts: {}, issuers: [] },
  overrides: [],
  lab: { name: 'blue', directory: '/srv/labs', image: 'stocked', shared: [], recorder: undefined },
  inspection: undefined,
  ...changes,
});
