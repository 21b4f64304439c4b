/** Layouts that would do by themselves, as the ground for settings. */

export type Written = Readonly<Record<string, unknown>>;

export interface AnyLayout {
  /** Hosts and roles: all on three, the lab's five, the reference's eleven, and those on machines that carry nodes. */
  readonly kind: 'three' | 'five' | 'eleven' | 'carried';
  readonly release: string;
  readonly networks: readonly ('internal' | 'public' | 'replication')[];
  readonly tls: boolean;
  /** Whether its VIPs have names. */
  readonly isNamed: boolean;
  /** Of the names of hosts; a number follows. */
  readonly prefix: string;
}

/** What of a machine, a node or a VIP says whom a setting concerns. */
export interface Laid {
  readonly role: string;
  readonly roles: readonly string[];
  readonly nodes: Readonly<Record<string, Partial<Laid>>>;
}

export function inventoryOf({ kind, release, networks, tls, isNamed, prefix }: AnyLayout): Written {
  const described = ['management', ...networks] as const;
  const inEach = (last: number) =>
    Object.fromEntries(described.map((network) => [network, `10.${subnets[network]}.0.${last}`]));
  const host = (roles: readonly string[], index: number) => ({ addresses: inEach(index + 11), roles });
  const named = (index: number) => `${prefix}${index + 1}`;
  const hosts = rolesOf[kind].map((roles, index) => [named(index), host(roles, index)] as const);
  const home = described[described.length - 1] ?? 'management';
  return {
    format: 1,
    cloud: 'any',
    platform: { distribution: 'debian', release },
    networks: Object.fromEntries(
      described.map((network) => [
        network,
        { cidr: `10.${subnets[network]}.0.0/24`, interface: `host${subnets[network]}` },
      ]),
    ),
    machines: Object.fromEntries(kind === 'carried' ? carried(hosts) : hosts),
    vips: {
      control: {
        ...{ role: 'control', network: home, address: `10.${subnets[home]}.0.100`, routerId: 51, tls },
        ...(isNamed || tls ? { hostname: 'internal.any' } : {}),
      },
      database: { role: 'database', address: '10.77.0.101', routerId: 52 },
      public: {
        ...{ role: 'proxy', address: '10.77.0.102', routerId: 61, tls },
        ...(isNamed || tls ? { hostname: 'any.example' } : {}),
      },
    },
    services: { glance: { store: { shared: true } } },
  };
}

const subnets = { management: 77, internal: 78, public: 79, replication: 80 } as const;

const all = ['control', 'database', 'messaging', 'proxy'] as const;
const eleven = [
  ...(['control', 'database', 'messaging'] as const).flatMap((role) => [[role], [role], [role]]),
];

const rolesOf: Readonly<Record<AnyLayout['kind'], readonly (readonly string[])[]>> = {
  three: [all, all, all],
  five: [...[1, 2, 3].map(() => ['control', 'database', 'messaging']), ['proxy'], ['proxy']],
  eleven: [...eleven, ['proxy'], ['proxy']],
  carried: [...eleven, ['proxy'], ['proxy']],
};

/** As the reference has them: a control, a database and a messaging host on each of three machines. */
const carried = <Host>(hosts: readonly (readonly [string, Host])[]) =>
  [1, 2, 3].map((machine) => {
    const own = hosts.filter((_host, index) => index % 3 === machine - 1);
    return [`kvm${machine}`, { rack: `rack${machine}`, nodes: Object.fromEntries(own) }] as const;
  });
