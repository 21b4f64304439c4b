import { error, type InventoryPath } from '../../model/diagnostic.ts';
import type { Listener, Socket } from '../../model/listener.ts';
import type { Service } from '../../model/service.ts';
import { commonSettings } from '../resolve.ts';
import { groupedBy, type PlacedNode, type ResolvedRule, type TopologyInput } from './rule.ts';

/** Each socket on a host has an address and port of its own. Told once, though all hosts of a role have the clash. */
export const samePortOnHost: ResolvedRule = ({ sockets }, input) => {
  const clashes = [...groupedBy(sockets, keyOf).values()].flatMap(([first, ...others]) =>
    first ? others.map((other) => ({ first, other })) : [],
  );
  const distinct = groupedBy(
    clashes,
    ({ first, other }) => `${nameOf(first)} ${nameOf(other)} ${other.port}`,
  );
  return [...distinct.values()].flatMap(([clash]) => {
    if (!clash) return [];
    const { first, other } = clash;
    return [
      error(
        pathToPort([other, first], input),
        `${nameOf(first)} and ${nameOf(other)} both listen on ${other.address}:${other.port} of ${other.host}`,
        'give one of them another port',
      ),
    ];
  });
};

/** So has each listener on the VIPs of a role. */
export const samePortOnVip: ResolvedRule = ({ listeners, vips }, input) =>
  [...groupedBy(listeners.flatMap(wherever), ({ role, port }) => `${role} ${port}`).values()].flatMap(
    ([first, ...others]) =>
      others.map((other) => {
        const address = vips.find(({ role }) => role === other.role)?.address;
        const pair = [other, ...(first ? [first] : [])].map(({ service, port }) => ({
          service,
          port,
          host: undefined,
        }));
        return error(
          pathToPort(pair, input),
          `${first?.name} and ${other.name} are both offered on the VIP ${address}:${other.port}`,
          'give one of them another port',
        );
      }),
  );

/** What the world may use is offered by the proxies too, on their VIPs. */
const wherever = (listener: Listener): readonly Listener[] =>
  listener.role === 'control' && listener.reach === 'world'
    ? [listener, { ...listener, role: 'proxy' }]
    : [listener];

const keyOf = ({ host, address, port, protocol }: Socket): string => `${host} ${protocol} ${address} ${port}`;
const nameOf = ({ service, purpose }: Socket): string => `${service} (${purpose})`;

interface PortUse {
  readonly service: string;
  readonly port: number;
  readonly host: string | undefined;
}

/** Where the operator chose the port that clashes; where all are defaults, the settings of the first. */
function pathToPort(uses: readonly PortUse[], input: TopologyInput): InventoryPath {
  const chosen = uses.map((use) => pathOfChoice(use, input)).find((path) => path !== undefined);
  return chosen ?? ['services', uses[0]?.service ?? ''];
}

function pathOfChoice(
  { service: name, port, host }: PortUse,
  input: TopologyInput,
): InventoryPath | undefined {
  const service = input.services.find((candidate) => candidate.name === name);
  const placed = input.nodes.find(({ node }) => node.name === host);
  if (!service) return undefined;
  return onNode(placed, { name, port }) ?? forAll(service, { port, input });
}

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
