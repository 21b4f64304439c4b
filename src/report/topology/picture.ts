import type { Inspection } from '../../model/inventory.ts';
import type { Listener } from '../../model/listener.ts';
import { instancesOf, type ResolvedVip, type Topology } from '../../model/topology.ts';

/**
 * The control flow of a cloud as a drawing: who asks whom, through which VIP, and which physical machine carries what.
 * Renderers only lay it out.
 */
export interface Picture {
  readonly title: string;
  /** From the client down: each asks the one below. */
  readonly stages: readonly Stage[];
  /** Physical machines, each of which may fail by itself. */
  readonly machines: readonly Machine[];
}

export interface Stage {
  /** Unique, letters and digits. */
  readonly id: string;
  readonly kind: 'client' | 'vip' | 'balancer' | 'services' | 'store';
  readonly boxes: readonly Box[];
  /** What goes on to the next stage; empty: nothing does, it stands beside it. */
  readonly leadsOn: string;
}

export interface Box {
  readonly id: string;
  readonly title: string;
  /** A few short lines below the title. */
  readonly lines: readonly string[];
  /** Hosts that it runs on, or that may hold it. */
  readonly hosts: readonly string[];
}

export interface Machine {
  readonly name: string;
  readonly rack: string | undefined;
  /** What runs on it, by host; a machine without nodes is its own host. */
  readonly hosts: readonly { readonly name: string; readonly runs: readonly string[] }[];
}

/** Draws what the topology says, and knows no service by name. */
export function pictureOf(topology: Topology): Picture {
  const stages: readonly Stage[] = [
    clients,
    ...entrance(topology, 'proxy', 'HTTPS, verified again'),
    ...entrance(topology, 'control', 'HTTP, checked before it is sent'),
    apis(topology),
    ...entrance(topology, 'database', 'SQL, to the one writer'),
    stores(topology),
    beside(topology),
  ];
  return {
    title: `${topology.cloud}: who asks whom`,
    stages: stages.filter(({ boxes }) => boxes.length > 0),
    machines: machinesOf(topology),
  };
}

const clients: Stage = {
  id: 'clients',
  kind: 'client',
  boxes: [{ id: 'client', title: 'Clients', lines: ['browsers, CLI, SDKs'], hosts: [] }],
  leadsOn: 'HTTPS',
};

/** The VIPs of a role, and what serves them. */
function entrance(topology: Topology, role: ResolvedVip['role'], leadsOn: string): readonly Stage[] {
  const vips = topology.vips.filter((vip) => vip.role === role);
  const fronts = topology.fronts.filter((front) => front.role === role);
  return [
    { id: `vips${role}`, kind: 'vip', boxes: vips.map(vipBox), leadsOn: 'the host that holds it' },
    {
      id: `fronts${role}`,
      kind: 'balancer',
      boxes: fronts.map(({ service, unit }) => ({
        id: `front${idOf(unit)}`,
        title: unit.replace(/\.service$/, ''),
        lines: offeredBy(role, topology),
        hosts: instancesOf(topology, service)
          .map(({ host }) => host)
          .filter(({ roles }) => roles.includes(role))
          .map(({ name }) => name),
      })),
      leadsOn,
    },
  ];
}

const vipBox = ({ name, address, hostname, tls, candidates }: ResolvedVip): Box => ({
  id: `vip${idOf(name)}`,
  title: `VIP ${name}`,
  lines: [hostname ?? address, ...(hostname === undefined ? [] : [address]), tls ? 'TLS' : 'no TLS'],
  hosts: candidates.map(({ name: host }) => host),
});

/** What clients get there, beyond the names of what is behind: its own listeners. */
function offeredBy(role: ResolvedVip['role'], { listeners }: Topology): readonly string[] {
  const count = listeners.filter((listener) => listener.role === role).length;
  const world = listeners.filter(({ role: at, reach }) => at === 'control' && reach === 'world').length;
  if (role === 'proxy') return ['ends TLS', `serves ${count + world} listeners of the cloud`];
  const single = listeners.some((listener) => listener.role === role && listener.kind === 'single-writer');
  return single ? ['one server takes all writes'] : [`${count} listeners, round robin`];
}

function apis(topology: Topology): Stage {
  const behind = topology.listeners.filter(({ kind, role }) => kind === 'http' && role !== 'database');
  return {
    id: 'services',
    kind: 'services',
    boxes: behind.map((listener) => ({
      id: `listener${idOf(listener.name)}`,
      title: listener.name,
      lines: [portsOf(listener)],
      hosts: listener.servers.map(({ host }) => host),
    })),
    leadsOn: 'SQL, through the VIP',
  };
}

const portsOf = ({ port, servers }: Listener): string =>
  `:${port}, ${servers.length} ${servers.length === 1 ? 'instance' : 'instances'}`;

function stores({ listeners }: Topology): Stage {
  const writers = listeners.filter(({ kind }) => kind === 'single-writer');
  return {
    id: 'stores',
    kind: 'store',
    boxes: writers.map(({ name, servers }) => ({
      id: `store${idOf(name)}`,
      title: name,
      lines: [`${servers.length} members, all with all data`, 'one of them takes the writes'],
      hosts: servers.map(({ host }) => host),
    })),
    leadsOn: '',
  };
}

/** What the services reach without a VIP, since their clients know all members. */
function beside({ broker, caches, hosts, inventory }: Topology): Stage {
  const quorum = hosts.some(({ platform }) => platform.rabbitmq.mirroring === 'quorum');
  const brokers = broker && {
    id: 'broker',
    title: 'message broker',
    lines: [
      'services know all members',
      `notifications: ${quorum ? 'quorum queues' : 'mirrored (ha-mode)'}`,
      'remote calls: not copied',
    ],
    hosts: broker.members.map(({ host }) => host),
  };
  const cached = {
    id: 'caches',
    title: 'caches',
    lines: ['services know all members', 'tokens and sessions', 'may be lost'],
    hosts: caches.map(({ host }) => host),
  };
  return {
    id: 'beside',
    kind: 'store',
    boxes: [
      ...(brokers ? [brokers] : []),
      ...(caches.length > 0 ? [cached] : []),
      ...(inventory.inspection ? [copyOf(inventory.inspection)] : []),
    ],
    leadsOn: '',
  };
}

const copyOf = ({ address }: Inspection): Box => ({
  id: 'inspection',
  title: `inspection, ${address}`,
  lines: ['a copy of what is clear', 'between load balancers and servers', 'nobody waits for it'],
  hosts: [],
});

function machinesOf({ hosts, instances, inventory }: Topology): readonly Machine[] {
  return inventory.machines.map(({ name, rack }) => ({
    name,
    rack,
    hosts: hosts
      .filter(({ machine }) => machine === name)
      .map((host) => ({
        name: host.name,
        runs: instances.filter((each) => each.host.name === host.name).map(({ service }) => service),
      })),
  }));
}

const idOf = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '');
