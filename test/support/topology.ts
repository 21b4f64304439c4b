import type { Host } from '../../src/model/host.ts';
import type {
  Inspection,
  Inventory,
  Network,
  NetworkName,
  Role,
  SshSettings,
} from '../../src/model/inventory.ts';
import type { Front, Listener, Socket } from '../../src/model/listener.ts';
import type { Platform } from '../../src/model/platform.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Instance, ResolvedVip, Topology } from '../../src/model/topology.ts';

type Release = 'bookworm' | 'trixie';

/** The platform rows that tests need, by hand, so that they do not follow a mistake of the platform table. */
const platformFor = (release: Release): Platform =>
  release === 'bookworm'
    ? {
        distribution: 'debian',
        release,
        rabbitmq: { majorVersion: 3, mirroring: 'ha-mode' },
        mariadb: {
          galeraLibrary: '/usr/lib/galera/libgalera_smm.so',
          version: '10.11',
          newerDefaults: false,
        },
        python: { verifiesStrictly: false },
        neutron: { hasPeriodicWorkers: false },
        haproxy: { version: '2.6' },
        keepalived: { version: '2.2.7' },
        nginx: { http2Directive: false },
        horizon: {
          wsgiFile: '/usr/share/openstack-dashboard/wsgi.py',
          settingsDirectory: '/etc/openstack-dashboard/local_settings.d',
          staticDirectory: '/var/lib/openstack-dashboard/static',
        },
      }
    : {
        distribution: 'debian',
        release,
        rabbitmq: { majorVersion: 4, mirroring: 'quorum' },
        mariadb: { galeraLibrary: '/usr/lib/galera/libgalera_smm.so', version: '11.8', newerDefaults: true },
        python: { verifiesStrictly: true },
        neutron: { hasPeriodicWorkers: true },
        haproxy: { version: '3.0' },
        keepalived: { version: '2.3.3' },
        nginx: { http2Directive: true },
        horizon: {
          wsgiFile: '/usr/share/openstack-dashboard/wsgi.py',
          settingsDirectory: '/etc/openstack-dashboard/local_settings.d',
          staticDirectory: '/var/lib/openstack-dashboard/static',
        },
      };

const ssh: SshSettings = {
  user: 'root',
  port: 22,
  identityFiles: [],
  knownHosts: '/nonexistent/known_hosts',
  namespace: undefined,
  jump: undefined,
  sudo: 'none',
};

/** A host with one address in every network, as an inventory with a management network alone resolves. */
export const hostNamed = (
  name: string,
  { address, roles, release = 'bookworm', rack = 'a' }: HostWanted,
): Host => ({
  name,
  machine: name,
  rack,
  roles,
  addresses: { management: address, internal: address, public: address, replication: address },
  interfaces: { management: 'host0', internal: 'host0', public: 'host0', replication: 'host0' },
  ssh,
  platform: platformFor(release),
});

interface HostWanted {
  readonly address: string;
  readonly roles: readonly Role[];
  readonly release?: Release;
  readonly rack?: string;
}

/** The five hosts of `inventories/lab.yaml`. */
export const fiveHosts = (release: Release = 'bookworm'): readonly Host[] => [
  ...[1, 2, 3].map((number) =>
    hostNamed(`ctl0${number}`, {
      address: `10.77.0.1${number}`,
      roles: ['control', 'database', 'messaging'],
      release,
      rack: 'abc'[number - 1] ?? 'a',
    }),
  ),
  ...[1, 2].map((number) =>
    hostNamed(`prx0${number}`, {
      address: `10.77.0.1${number + 3}`,
      roles: ['proxy'],
      release,
      rack: 'abc'[number - 1] ?? 'a',
    }),
  ),
];

/** Three hosts that carry every role, as `inventories/three.yaml`. */
export const threeHosts = (release: Release = 'bookworm'): readonly Host[] =>
  [1, 2, 3].map((number) =>
    hostNamed(`all0${number}`, {
      address: `10.77.1.1${number}`,
      roles: ['control', 'database', 'messaging', 'proxy'],
      release,
      rack: 'abc'[number - 1] ?? 'a',
    }),
  );

/** The eleven hosts of `inventories/reference.yaml`: no host carries two roles, no machine two members of anything. */
export const elevenHosts = (release: Release = 'bookworm'): readonly Host[] => {
  const kvm = (number: number, name: string, role: Role, last: number): Host => ({
    ...hostNamed(name, {
      address: `10.77.2.${last}`,
      roles: [role],
      release,
      rack: 'abc'[number - 1] ?? 'a',
    }),
    machine: `kvm0${number}`,
  });
  const trios = [
    { name: 'ctl', role: 'control', base: 10 },
    { name: 'dbs', role: 'database', base: 20 },
    { name: 'msg', role: 'messaging', base: 30 },
  ] as const;
  return [
    ...trios.flatMap(({ name, role, base }) =>
      [1, 2, 3].map((number) => kvm(number, `${name}0${number}`, role, base + number)),
    ),
    kvm(2, 'prx01', 'proxy', 41),
    kvm(3, 'prx02', 'proxy', 42),
  ];
};

/** The usual three VIPs over `hosts`, their candidates rotated so that they spread. */
export function usualVips(hosts: readonly Host[]): readonly ResolvedVip[] {
  const subnet = (hosts[0]?.addresses.management ?? '').split('.').slice(0, 3).join('.');
  const wanted = [
    { name: 'control', role: 'control', last: 100, routerId: 51, hostname: undefined, tls: true },
    { name: 'database', role: 'database', last: 101, routerId: 52, hostname: undefined, tls: false },
    { name: 'public', role: 'proxy', last: 102, routerId: 61, hostname: 'cloud.lab', tls: true },
  ] as const;
  return wanted.map(({ last, ...vip }, index) => ({
    ...vip,
    network: 'management' as const,
    address: `${subnet}.${last}`,
    prefix: 24,
    candidates: rotated(
      hosts.filter(({ roles }) => roles.includes(vip.role)),
      index,
    ),
  }));
}

const rotated = <T>(list: readonly T[], by: number): readonly T[] => {
  const start = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
};

/** Secrets whose every value says its name, so that a golden file shows which one stands where. */
export const secretsNamed = (...names: readonly string[]): ReadonlyMap<string, Secret> =>
  new Map(names.map((name) => [name, new Secret(`secret-of-${name.replaceAll('.', '-')}`)]));

export interface TopologyWanted {
  readonly hosts?: readonly Host[];
  readonly vips?: readonly ResolvedVip[];
  readonly listeners?: readonly Listener[];
  readonly sockets?: readonly Socket[];
  readonly fronts?: readonly Front[];
  readonly databases?: Topology['databases'];
  readonly identities?: Topology['identities'];
  readonly broker?: Topology['broker'];
  readonly caches?: Topology['caches'];
  readonly checker?: Topology['checker'];
  readonly instances?: readonly Instance[];
  readonly secrets?: ReadonlyMap<string, Secret>;
  readonly networks?: Partial<Record<NetworkName, Network>>;
  readonly inspection?: Inspection;
}

/** A whole topology by hand: the five hosts and the usual VIPs, with what the test wants different. */
export function aTopology(wanted: TopologyWanted = {}): Topology {
  const hosts = wanted.hosts ?? fiveHosts();
  const vips = wanted.vips ?? usualVips(hosts);
  const secrets = wanted.secrets ?? new Map<string, Secret>();
  const inventory = {
    ...inventoryFor(hosts, vips, { secrets, networks: wanted.networks ?? {} }),
    inspection: wanted.inspection,
  };
  return {
    inventory,
    cloud: inventory.cloud,
    region: inventory.region,
    hosts,
    vips,
    instances: wanted.instances ?? [],
    listeners: wanted.listeners ?? [],
    sockets: wanted.sockets ?? [],
    fronts: wanted.fronts ?? [],
    databases: wanted.databases ?? [],
    identities: wanted.identities ?? [],
    broker: wanted.broker,
    caches: wanted.caches ?? [],
    checker: wanted.checker,
    secrets,
    certificates: inventory.certificates,
  };
}

/** The instances of one service on those of `hosts` that carry one of `roles`. */
export function instancesFor<Settings>(
  service: string,
  settings: Settings,
  members: readonly Host[],
): readonly Instance<Settings>[] {
  return members.map((host) => ({ service, host, settings, members }));
}

function inventoryFor(
  hosts: readonly Host[],
  vips: readonly ResolvedVip[],
  { secrets, networks }: { secrets: Topology['secrets']; networks: Partial<Record<NetworkName, Network>> },
): Inventory {
  const subnet = (hosts[0]?.addresses.management ?? '').split('.').slice(0, 3).join('.');
  return {
    format: 1,
    file: '/nonexistent/inventory.yaml',
    cloud: 'lab',
    region: 'RegionOne',
    platform: { distribution: 'debian', release: hosts[0]?.platform.release ?? 'bookworm' },
    ssh,
    networks: { management: { cidr: `${subnet}.0/24`, interface: 'host0' }, ...networks },
    machines: hosts.map((host) => ({
      name: host.name,
      rack: host.rack,
      carriesNodes: false,
      nodes: [
        {
          name: host.name,
          addresses: { management: host.addresses.management },
          roles: host.roles,
          ssh,
          platform: { distribution: host.platform.distribution, release: host.platform.release },
          interfaces: {},
          services: {},
        },
      ],
    })),
    vips: vips.map(({ prefix: _prefix, candidates: _candidates, ...vip }) => vip),
    services: {},
    secrets,
    certificates: {
      authority: pem('CERTIFICATE', 'authority'),
      vips: certificatesNamed(vips.filter(({ tls }) => tls)),
      hosts: certificatesNamed(hosts),
      issuers: [],
    },
    overrides: [],
    inspection: undefined,
    lab: undefined,
  };
}

/** Each says whose it is, so that a rendered file shows which one stands where. */
const certificatesNamed = (owners: readonly { readonly name: string }[]) =>
  Object.fromEntries(
    owners.map(({ name }) => [
      name,
      {
        certificate: pem('CERTIFICATE', name),
        key: new Secret(pem('PRIVATE KEY', name)),
        signedBy: 'ours' as const,
        notBefore: 0,
        notAfter: Date.UTC(2036, 0, 1),
      },
    ]),
  );

const pem = (label: string, of: string): string =>
  `-----BEGIN ${label}-----\n${of}\n-----END ${label}-----\n`;
