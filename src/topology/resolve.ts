import type { Host } from '../model/host.ts';
import type { Inventory, NetworkName, Node } from '../model/inventory.ts';
import type { Platform, PlatformChoice } from '../model/platform.ts';
import { Secret, type Secrets } from '../model/secret.ts';
import type { Service } from '../model/service.ts';
import { mergedSettings } from '../model/settings.ts';
import type { Instance, Topology } from '../model/topology.ts';
import { resolveVips } from './vips.ts';

/** The platform table, handed in. */
export type PlatformOf = (choice: PlatformChoice) => Platform;

/** Who runs what, where, with whom, behind which VIP. The inventory must have passed `checkTopology`. */
export function resolveTopology(
  inventory: Inventory,
  services: readonly Service[],
  platformOf: PlatformOf,
): Topology {
  const hosts = inventory.machines.flatMap(({ name, rack, nodes }) =>
    nodes.map((node): Host => ({ ...hostOf(node, inventory, platformOf), machine: name, rack })),
  );
  const vips = resolveVips(inventory, hosts);
  const instances = services.flatMap((service) => instancesOn(hosts, service, inventory));
  const known = { vips, inventory, secrets: withStandIns(inventory.secrets, services, inventory) };
  const perService = services
    .map((service) => ({ service, own: instances.filter((instance) => instance.service === service.name) }))
    .filter(({ own }) => own.length > 0);
  const offers = <Offer>(of: (service: Service, own: readonly Instance[]) => readonly Offer[]) =>
    perService.flatMap(({ service, own }) => of(service, own));
  return {
    inventory,
    cloud: inventory.cloud,
    region: inventory.region,
    hosts,
    vips,
    instances,
    listeners: offers((service, own) => service.listeners?.(own, known) ?? []),
    sockets: offers((service, own) => own.flatMap((instance) => service.sockets(instance, { hosts, vips }))),
    rooms: offers((service, own) =>
      own.flatMap((instance) =>
        (service.rooms?.(instance) ?? []).map((room) => ({ ...room, host: instance.host.name })),
      ),
    ),
    memory: offers((service, own) =>
      own.flatMap((instance) => {
        const mebibytes = service.memory?.(instance);
        return mebibytes === undefined
          ? []
          : [{ host: instance.host.name, service: service.name, mebibytes }];
      }),
    ),
    fronts: offers((service) => service.fronts?.(commonSettings(service, inventory)) ?? []),
    databases: offers((service) => service.databases?.(commonSettings(service, inventory)) ?? []),
    identities: offers((service) => service.identities?.(commonSettings(service, inventory)) ?? []),
    catalogue: offers((service) => service.catalogue?.(commonSettings(service, inventory)) ?? []),
    broker: offers((service, own) => [service.broker?.(own)]).find(isThere),
    caches: offers((service, own) => service.caches?.(own) ?? []),
    checker: offers((service) => [service.checker?.(commonSettings(service, inventory))]).find(isThere),
    secrets: inventory.secrets,
    certificates: inventory.certificates,
  };
}

const isThere = <Offer>(offer: Offer | undefined): offer is Offer => offer !== undefined;

/** Settings of a service as said for all machines. */
export const commonSettings = ({ name, settings }: Service, { services }: Inventory): unknown =>
  services[name] ?? settings.parse({});

/** Settings of a service on one node: what is said for it alone is laid over what is said for all. */
function settingsOn(node: Node, service: Service, inventory: Inventory): unknown {
  const own = node.services[service.name];
  const common = commonSettings(service, inventory);
  if (own === undefined) return common;
  return service.settings.parse(mergedSettings(asMapping(common), asMapping(own)));
}

function hostOf(node: Node, { networks }: Inventory, platformOf: PlatformOf): Omit<Host, 'machine' | 'rack'> {
  return {
    name: node.name,
    roles: node.roles,
    addresses: perNetwork((network) => node.addresses[network] ?? node.addresses.management),
    interfaces: perNetwork((network) => {
      const home = node.addresses[network] === undefined ? 'management' : network;
      return node.interfaces[home] ?? (networks[home] ?? networks.management).interface;
    }),
    inspectionInterface: node.interfaces.inspection,
    ssh: node.ssh,
    platform: platformOf(node.platform),
  };
}

const perNetwork = (valueIn: (network: NetworkName) => string): Record<NetworkName, string> => ({
  management: valueIn('management'),
  internal: valueIn('internal'),
  public: valueIn('public'),
  replication: valueIn('replication'),
});

function instancesOn(hosts: readonly Host[], service: Service, inventory: Inventory): readonly Instance[] {
  const { roles } = service;
  const members = hosts.filter((host) => roles === 'all' || host.roles.some((role) => roles.includes(role)));
  const nodes = new Map(inventory.machines.flatMap(({ nodes }) => nodes).map((node) => [node.name, node]));
  return members.map((host) => {
    const node = nodes.get(host.name);
    const settings = node ? settingsOn(node, service, inventory) : commonSettings(service, inventory);
    return { service: service.name, host, settings, members };
  });
}

/**
 * Services may put a secret into a listener's health check. Before `mcp secrets init` there is none yet, and a
 * topology is wanted all the same (for a lab, for validation), so a stand-in takes the place of each.
 */
function withStandIns(secrets: Secrets, services: readonly Service[], inventory: Inventory): Secrets {
  const asked = services.flatMap((service) => service.secrets?.(commonSettings(service, inventory)) ?? []);
  return new Map([...asked.map(({ name }) => [name, new Secret('not-made-yet')] as const), ...secrets]);
}

const asMapping = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
