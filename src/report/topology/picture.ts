import { type Inspection, type NetworkName, networkNames, type Role } from '../../model/inventory.ts';
import type { Listener } from '../../model/listener.ts';
import { instancesOf, type ResolvedVip, type Topology } from '../../model/topology.ts';

/**
 * The control flow of a cloud as a drawing: who asks whom, through which VIP, and which physical machine carries what.
 * Renderers only lay it out.
 */
export interface Picture {
  readonly title: string;
  /** From the client down. */
  readonly stages: readonly Stage[];
  /** Who asks whom; many ask the stage below. */
  readonly flows: readonly Flow[];
  /** Those that are described, where there is more than one. */
  readonly networks: readonly PicturedNetwork[];
  /** Physical machines, each of which may fail by itself. */
  readonly machines: readonly Machine[];
}

export interface Stage {
  /** Unique, letters and digits. */
  readonly id: StageId;
  readonly kind: 'client' | 'vip' | 'balancer' | 'services' | 'store';
  readonly boxes: readonly Box[];
}

type StageId =
  | `${'vips' | 'fronts'}${Role}`
  | 'clients'
  | 'pages'
  | 'services'
  | 'others'
  | 'stores'
  | 'members'
  | 'inspection';

/** By the ids of stages. */
export interface Flow {
  readonly from: StageId;
  readonly to: StageId;
  readonly label: string;
}

export interface PicturedNetwork {
  readonly name: string;
  readonly lines: readonly string[];
}

export interface Box {
  /** Unique in the picture, letters and digits. */
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
    { id: 'clients', kind: 'client', boxes: [clients] },
    ...entrance(topology, 'proxy'),
    { id: 'pages', kind: 'services', boxes: listenerBoxes('page', topology, behindProxies) },
    ...entrance(topology, 'control'),
    { id: 'services', kind: 'services', boxes: listenerBoxes('service', topology, asksDatabase) },
    ...entrance(topology, 'database'),
    { id: 'stores', kind: 'store', boxes: stores(topology) },
    { id: 'others', kind: 'services', boxes: listenerBoxes('other', topology, asksNobody) },
    { id: 'members', kind: 'store', boxes: members(topology) },
    { id: 'inspection', kind: 'store', boxes: inspections(topology) },
  ];
  const drawn = stages.filter(({ boxes }) => boxes.length > 0);
  const isDrawn = (id: StageId): boolean => drawn.some((stage) => stage.id === id);
  return {
    title: `${topology.cloud}: who asks whom`,
    stages: drawn,
    flows: flowsIn(topology, isDrawn).filter(({ from, to }) => isDrawn(from) && isDrawn(to)),
    networks: networksOf(topology),
    machines: machinesOf(topology),
  };
}

const clients: Box = { id: 'client', title: 'Clients', lines: ['browsers, CLI, SDKs'], hosts: [] };

function flowsIn({ vips, broker, caches }: Topology, isDrawn: (id: StageId) => boolean): readonly Flow[] {
  const spoken = (at: Role): string => (vips.every(({ role, tls }) => role !== at || tls) ? 'HTTPS' : 'HTTP');
  const direct = [
    ...(broker ? [broker.tls ? 'AMQP with TLS' : 'AMQP'] : []),
    ...(caches.length > 0 ? ['memcached'] : []),
  ].join(' and ');
  const held = 'the host that holds it';
  return [
    isDrawn('vipsproxy')
      ? { from: 'clients', to: 'vipsproxy', label: spoken('proxy') }
      : { from: 'clients', to: 'vipscontrol', label: spoken('control') },
    { from: 'vipsproxy', to: 'frontsproxy', label: held },
    { from: 'frontsproxy', to: 'pages', label: 'HTTP, to the pages' },
    {
      from: 'frontsproxy',
      to: 'vipscontrol',
      label: spoken('control') === 'HTTPS' ? 'HTTPS, verified again' : 'HTTP',
    },
    { from: 'pages', to: 'vipscontrol', label: `${spoken('control')}, as a client of the APIs` },
    { from: 'vipscontrol', to: 'frontscontrol', label: held },
    { from: 'frontscontrol', to: 'services', label: 'HTTP, checked before it is sent' },
    { from: 'frontscontrol', to: 'others', label: 'HTTP' },
    { from: 'services', to: 'vipsdatabase', label: 'SQL, through the VIP' },
    { from: 'vipsdatabase', to: 'frontsdatabase', label: held },
    { from: 'frontsdatabase', to: 'stores', label: 'SQL, to the one writer' },
    { from: 'services', to: 'members', label: `${direct}, directly, with no VIP between` },
  ];
}

/** The VIPs of a role, and what serves them. */
function entrance(topology: Topology, role: Role): readonly Stage[] {
  const vips = topology.vips.filter((vip) => vip.role === role);
  const fronts = topology.fronts.filter((front) => front.role === role);
  return [
    {
      id: `vips${role}`,
      kind: 'vip',
      boxes: vips.map((vip, index) => vipBox(vip, { id: `vip${role}${index + 1}`, topology })),
    },
    {
      id: `fronts${role}`,
      kind: 'balancer',
      boxes: fronts.map(({ service, unit }, index) => ({
        id: `front${role}${index + 1}`,
        title: unit.replace(/\.service$/, ''),
        lines: offeredBy(role, topology),
        hosts: instancesOf(topology, service)
          .map(({ host }) => host)
          .filter(({ roles }) => roles.includes(role))
          .map(({ name }) => name),
      })),
    },
  ];
}

const vipBox = (
  { name, network, address, hostname, tls, candidates }: ResolvedVip,
  { id, topology }: { readonly id: string; readonly topology: Topology },
): Box => ({
  id,
  title: `VIP ${name}`,
  lines: [
    ...(hostname === undefined ? [] : [hostname]),
    isDivided(topology) ? `${address} in ${network}` : address,
    tls ? 'TLS' : 'no TLS',
  ],
  hosts: candidates.map(({ name: host }) => host),
});

/** Whether there is more to say of networks than that there is one. */
const isDivided = ({ inventory: { networks } }: Topology): boolean => Object.keys(networks).length > 1;

/** What clients get there, beyond the names of what is behind: its own listeners. */
function offeredBy(role: ResolvedVip['role'], { listeners }: Topology): readonly string[] {
  const count = listeners.filter((listener) => listener.role === role).length;
  const world = listeners.filter(({ role: at, reach }) => at === 'control' && reach === 'world').length;
  if (role === 'proxy') return ['ends TLS', `serves ${count + world} listeners of the cloud`];
  const single = listeners.some((listener) => listener.role === role && listener.kind === 'single-writer');
  return single ? ['one server takes all writes'] : [`${count} listeners, round robin`];
}

type Choice = (listener: Listener) => boolean;

/** Its proxies ask the servers themselves, and no load balancer is between. */
const behindProxies: Choice = ({ role }) => role === 'proxy';
/** A service that is held to be well only with its database. */
const asksDatabase: Choice = ({ role, kind, check }) =>
  role !== 'proxy' && kind === 'http' && check.kind === 'deep';
const asksNobody: Choice = ({ role, kind, check }) =>
  role !== 'proxy' && kind === 'http' && check.kind !== 'deep';

const listenerBoxes = (prefix: string, topology: Topology, isMeant: Choice): readonly Box[] =>
  topology.listeners.filter(isMeant).map((listener, index) => ({
    id: `${prefix}${index + 1}`,
    title: listener.name,
    lines: [portsOf(listener), ...networkLines(listener.servers, topology)],
    hosts: listener.servers.map(({ host }) => host),
  }));

const portsOf = ({ port, servers }: Listener): string =>
  `:${port}, ${servers.length} ${servers.length === 1 ? 'instance' : 'instances'}`;

/** In which network they are asked, where there are several. */
function networkLines(servers: readonly Place[], topology: Topology): readonly string[] {
  if (!isDivided(topology)) return [];
  const described = networkNames.filter((name) => topology.inventory.networks[name] !== undefined);
  const found = servers.flatMap(({ host, address }) => {
    const own = topology.hosts.find(({ name }) => name === host)?.addresses;
    return described.find((name) => own?.[name] === address) ?? [];
  });
  return found.length === 0 ? [] : [`in ${[...new Set(found)].join(', ')}`];
}

interface Place {
  readonly host: string;
  readonly address: string;
}

const stores = (topology: Topology): readonly Box[] =>
  topology.listeners
    .filter(({ kind }) => kind === 'single-writer')
    .map(({ name, servers }, index) => ({
      id: `store${index + 1}`,
      title: name,
      lines: [
        `${servers.length} members, all with all data`,
        'one of them takes the writes',
        ...networkLines(servers, topology),
      ],
      hosts: servers.map(({ host }) => host),
    }));

/** What the services reach without a VIP, since their clients know all members. */
function members(topology: Topology): readonly Box[] {
  const { broker, caches, hosts } = topology;
  const quorum = hosts.some(({ platform }) => platform.rabbitmq.mirroring === 'quorum');
  const brokers = broker && {
    id: 'broker',
    title: 'message broker',
    lines: [
      'services know all members',
      `notifications: ${quorum ? 'quorum queues' : 'mirrored (ha-mode)'}`,
      'remote calls: not copied',
      ...networkLines(broker.members, topology),
    ],
    hosts: broker.members.map(({ host }) => host),
  };
  const cached = {
    id: 'caches',
    title: 'caches',
    lines: [
      'services know all members',
      'tokens and sessions',
      'may be lost',
      ...networkLines(caches, topology),
    ],
    hosts: caches.map(({ host }) => host),
  };
  return [...(brokers ? [brokers] : []), ...(caches.length > 0 ? [cached] : [])];
}

const inspections = ({ inventory: { inspection } }: Topology): readonly Box[] =>
  inspection ? [copyOf(inspection)] : [];

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

function networksOf(topology: Topology): readonly PicturedNetwork[] {
  const { networks } = topology.inventory;
  if (!isDivided(topology)) return [];
  return networkNames.flatMap((name) => {
    const network = networks[name];
    return network === undefined
      ? []
      : [{ name, lines: [network.cidr, `${network.interface}: ${purposes[name]}`] }];
  });
}

const purposes: Readonly<Record<NetworkName, string>> = {
  management: 'ssh, and what has no other',
  internal: 'APIs and VIPs',
  public: 'what users reach',
  replication: 'between members',
};
