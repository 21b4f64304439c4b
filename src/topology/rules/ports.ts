import { type Diagnostic, error, type InventoryPath } from '../../model/diagnostic.ts';
import type { Listener, Socket } from '../../model/listener.ts';
import type { Service } from '../../model/service.ts';
import { commonSettings } from '../resolve.ts';
import { groupedBy, type PlacedNode, type ResolvedRule, type TopologyInput } from './rule.ts';

/** Each socket on a host has an address and port of its own. Told once, though all hosts of a role have the clash. */
export const samePortOnHost: ResolvedRule = ({ sockets, hosts }, input) => {
  const daemons = hosts.map(({ name, addresses, ssh }) => sshOn(name, addresses.management, ssh.port));
  return toldOnce([...sockets, ...taken(daemons, sockets)].map(asUse), input);
};

/** So has whatever listens on the loopback: what says that it is alive, sshd, and daemons that are there too. */
export const samePortOnLoopback: ResolvedRule = ({ fronts, hosts, sockets }, input) =>
  toldOnce(
    [
      ...sockets
        .filter(({ isOnLoopback }) => isOnLoopback)
        .map((socket) => asUse({ ...socket, address: '127.0.0.1' })),
      ...hosts.flatMap(({ name: host, roles, ssh }) => [
        ...fronts
          .filter(({ role }) => roles.includes(role))
          .map(({ service, unit, aliveUrl }) => ({
            host,
            service,
            address: '127.0.0.1',
            port: Number(new URL(aliveUrl).port),
            protocol: 'tcp' as const,
            name: `${service} (whether ${unit} is alive)`,
          })),
        asUse(sshOn(host, '127.0.0.1', ssh.port)),
      ]),
    ],
    input,
  );

/** So has each listener on the VIPs of a role. */
export const samePortOnVip: ResolvedRule = (topology, input) =>
  topology.vips
    .filter((vip, position) => topology.vips.findIndex(({ role }) => role === vip.role) === position)
    .flatMap((vip) => {
      const offered = topology.listeners
        .flatMap(wherever)
        .filter(({ role }) => role === vip.role)
        .map(({ name, service, port }) => ({ name, service, port }));
      const isEncrypted = topology.vips.every(({ role, tls }) => role !== vip.role || tls);
      const redirects = topology.fronts.flatMap(({ role, service, plainPort }) =>
        role === vip.role && isEncrypted && plainPort !== undefined
          ? [{ name: `${service} (clients without TLS)`, service, port: plainPort }]
          : [],
      );
      const daemons = vip.candidates
        .map(({ ssh: { port } }) => ({ name: 'sshd', service: 'ssh', port }))
        .filter(({ port }) => offered.some((other) => other.port === port))
        .slice(0, 1);
      return [
        ...groupedBy([...redirects, ...daemons, ...offered], ({ port }) => String(port)).values(),
      ].flatMap(([first, ...others]) =>
        others.map((other) => {
          const pair = [other, ...(first ? [first] : [])].map((use) => ({ ...use, host: undefined }));
          return error(
            pathToPort(pair, input),
            `${first?.name} and ${other.name} are both offered on the VIP ${vip.address}:${other.port}`,
            'give one of them another port',
          );
        }),
      );
    });

/** What the world may use is offered by the proxies too, on their VIPs. */
const wherever = (listener: Listener): readonly Listener[] =>
  listener.role === 'control' && listener.reach === 'world'
    ? [listener, { ...listener, role: 'proxy' }]
    : [listener];

interface Use extends Pick<Socket, 'service' | 'address' | 'port' | 'protocol' | 'host'> {
  readonly name: string;
}

const asUse = (socket: Socket): Use => ({ ...socket, name: `${socket.service} (${socket.purpose})` });

/** sshd listens on every address that a host has. */
const sshOn = (host: string, address: string, port: number): Socket => ({
  host,
  service: 'ssh',
  address,
  port,
  protocol: 'tcp',
  purpose: 'sshd',
  from: 'anyone',
});

/** The daemons that are in the way of a socket, on its address. */
const taken = (daemons: readonly Socket[], sockets: readonly Socket[]): readonly Socket[] =>
  daemons.flatMap((daemon) =>
    sockets
      .filter(
        ({ host, port, protocol }) => host === daemon.host && port === daemon.port && protocol === 'tcp',
      )
      .map(({ address }) => ({ ...daemon, address })),
  );

function toldOnce(uses: readonly Use[], input: TopologyInput): readonly Diagnostic[] {
  const clashes = [...groupedBy(uses, keyOf).values()].flatMap(([first, ...others]) =>
    first ? others.map((other) => ({ first, other })) : [],
  );
  const distinct = groupedBy(clashes, ({ first, other }) => `${first.name} ${other.name} ${other.port}`);
  return [...distinct.values()].flatMap(([clash]) => {
    if (!clash) return [];
    const { first, other } = clash;
    return [
      error(
        pathToPort([other, first], input),
        `${first.name} and ${other.name} both listen on ${other.address}:${other.port} of ${other.host}`,
        'give one of them another port',
      ),
    ];
  });
}

const keyOf = ({ host, address, port, protocol }: Use): string => `${host} ${protocol} ${address} ${port}`;

interface PortUse {
  readonly service: string;
  readonly port: number;
  readonly host: string | undefined;
}

/** Where the operator chose the port that clashes; where all are defaults, the settings of the first. */
function pathToPort(uses: readonly PortUse[], input: TopologyInput): InventoryPath {
  const chosen = uses.map((use) => pathOfChoice(use, input)).find((path) => path !== undefined);
  const service = uses.find(({ service: name }) => input.services.some((known) => known.name === name));
  return chosen ?? ['services', service?.service ?? ''];
}

function pathOfChoice(
  { service: name, port, host }: PortUse,
  input: TopologyInput,
): InventoryPath | undefined {
  const service = input.services.find((candidate) => candidate.name === name);
  const placed = input.nodes.find(({ node }) => node.name === host);
  if (name === 'ssh') return port === 22 ? undefined : pathOfSshPort(placed, port, input);
  if (!service) return undefined;
  return onNode(placed, { name, port }) ?? forAll(service, { port, input });
}

const pathOfSshPort = (
  placed: PlacedNode | undefined,
  port: number,
  { inventory }: TopologyInput,
): InventoryPath =>
  placed === undefined || inventory.ssh.port === port ? ['ssh', 'port'] : [...placed.path, 'ssh', 'port'];

function onNode(
  placed: PlacedNode | undefined,
  { name, port }: { readonly name: string; readonly port: number },
): InventoryPath | undefined {
  const inside = placed && pathTo(port, placed.node.services[name]);
  return inside && [...placed.path, 'services', name, ...inside];
}

function forAll(
  service: Service,
  { port, input }: { readonly port: number; readonly input: TopologyInput },
): InventoryPath | undefined {
  const inside = pathTo(port, commonSettings(service, input.inventory));
  const isDefault = inside && at(service.settings.parse({}), inside) === port;
  return inside && !isDefault ? ['services', service.name, ...inside] : undefined;
}

/** Where in some settings a number stands. */
function pathTo(wanted: number, settings: unknown): InventoryPath | undefined {
  if (settings === wanted) return [];
  if (typeof settings !== 'object' || settings === null) return undefined;
  for (const [key, value] of Object.entries(settings)) {
    const inside = pathTo(wanted, value);
    if (inside) return [key, ...inside];
  }
  return undefined;
}

const at = (settings: unknown, path: InventoryPath): unknown =>
  path.reduce<unknown>(
    (part, key) =>
      typeof part === 'object' && part !== null
        ? Object.entries(part).find(([name]) => name === key)?.[1]
        : undefined,
    settings,
  );
