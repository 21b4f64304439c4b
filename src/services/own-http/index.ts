import { type Diagnostic, error } from '../../model/diagnostic.ts';
import type { Host } from '../../model/host.ts';
import type { CatalogueEntry } from '../../model/identity.ts';
import type { Listener, ListenerServer, Socket } from '../../model/listener.ts';
import { defineService } from '../../model/service.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { type OwnHttpService, type OwnHttpSettings, ownHttpSettings } from './settings.ts';

/**
 * HTTP services that the operator runs himself (Cinder, Heat, an object store): offered on the control VIP by HAProxy, on
 * the public one by Nginx, and in the catalogue. Whoever serves them is looked after by nobody here.
 */
export const ownHttp = defineService<OwnHttpSettings>({
  name: 'own-http',
  title: 'Own HTTP services',
  roles: 'all',
  after: ['host'],
  settings: ownHttpSettings,
  rolling: { first: 'together', later: 'together' },
  quorum: 'none',
  sockets: socketsOn,
  listeners: (instances) =>
    servicesOf(instances).map(([name, service]) => listenerOf(name, service, instances)),
  catalogue: ({ services }) => Object.entries(services).flatMap(catalogueEntryOf),
  mistakes,
  resources: () => [],
  checks: () => [],
});

type Instances = readonly Instance<OwnHttpSettings>[];

/** They are offered to the whole cloud; what single machines were told differently is a mistake. */
const servicesOf = ([first]: Instances) => Object.entries(first?.settings.services ?? {});

function listenerOf(name: string, service: OwnHttpService, instances: Instances): Listener {
  const { port, serverPort = port, check, public: isPublic } = service;
  return {
    name,
    service: 'own-http',
    role: 'control',
    port,
    kind: 'http',
    servers: serversOf(
      service,
      instances.map(({ host }) => host),
    ),
    check: { kind: 'direct', port: serverPort, ...check },
    reach: isPublic ? 'world' : 'cloud',
    from: 'anyone',
    statics: [],
  };
}

function serversOf(service: OwnHttpService, hosts: readonly Host[]): readonly ListenerServer[] {
  const { servers, port, serverPort = port } = service;
  if ('addresses' in servers) {
    return servers.addresses.map((address) => ({
      host: address.replaceAll(/[.:]/g, '-'),
      address,
      port: serverPort,
    }));
  }
  return hosts
    .filter((host) => isServedOn(host, service))
    .map(({ name, addresses }) => ({ host: name, address: addresses.internal, port: serverPort }));
}

const isServedOn = ({ name, roles }: Host, { servers }: OwnHttpService): boolean =>
  'role' in servers ? roles.includes(servers.role) : 'hosts' in servers && servers.hosts.includes(name);

/** Clients come through the load balancers; its own port is for the hosts of the cloud, as those of our APIs are. */
function socketsOn({ host, settings }: Instance<OwnHttpSettings>): readonly Socket[] {
  return Object.entries(settings.services)
    .filter(([, service]) => isServedOn(host, service))
    .map(([name, { port, serverPort = port }]) => ({
      host: host.name,
      service: 'own-http',
      address: host.addresses.internal,
      port: serverPort,
      protocol: 'tcp',
      purpose: name,
      from: 'cloud',
    }));
}

const catalogueEntryOf = ([name, { catalogue }]: [string, OwnHttpService]): readonly CatalogueEntry[] =>
  catalogue === undefined ? [] : [{ name, listener: name, ...catalogue }];

function mistakes(instances: Instances, topology: Topology): readonly Diagnostic[] {
  const hosts = topology.hosts.map(({ name }) => name);
  const told = JSON.stringify(servicesOf(instances));
  const differing = instances.filter(
    ({ settings }) => JSON.stringify(Object.entries(settings.services)) !== told,
  );
  return [
    ...servicesOf(instances).flatMap(([name, service]) => [
      ...nameMistakes(name, topology),
      ...serverMistakes(name, service, { hosts, topology }),
      ...typeMistakes(name, service, topology),
    ]),
    ...differing.map(({ host }) =>
      error(
        [],
        `${host.name} is told of other services than the rest`,
        'say it under services: of the inventory',
      ),
    ),
  ];
}

function nameMistakes(name: string, { listeners }: Topology): readonly Diagnostic[] {
  const isOurs = listeners.some((listener) => listener.name === name && listener.service !== 'own-http');
  return isOurs || wordsOfBalancers.has(name)
    ? [
        error(
          ['services', name],
          isOurs ? `${name} is a listener of ours` : `${name} means something else to our load balancers`,
          'give it another name',
        ),
      ]
    : [];
}

/** HAProxy's section that tells whether it is alive; what Nginx's workers share about sessions and about passwords. */
const wordsOfBalancers: ReadonlySet<string> = new Set(['alive', 'tls', 'sign-in']);

interface Known {
  readonly hosts: readonly string[];
  readonly topology: Topology;
}

function serverMistakes(
  name: string,
  { servers }: OwnHttpService,
  { hosts, topology }: Known,
): readonly Diagnostic[] {
  const path = ['services', name, 'servers'];
  if ('hosts' in servers) {
    return servers.hosts
      .filter((host) => !hosts.includes(host))
      .map((host) =>
        error([...path, 'hosts'], `there is no host ${host}`, `name some of ${hosts.join(', ')}`),
      );
  }
  if ('role' in servers) return [];
  const ours = topology.hosts.flatMap(({ addresses }) => Object.values(addresses));
  const vips = topology.vips.map(({ address }) => address);
  return servers.addresses.flatMap((address, index) => {
    if (servers.addresses.indexOf(address) < index) {
      return [error([...path, 'addresses'], `${address} is named twice`, 'name it once')];
    }
    if (vips.includes(address)) {
      return [error([...path, 'addresses'], `${address} is a VIP of ours`, 'name the servers themselves')];
    }
    return ours.includes(address)
      ? [error([...path, 'addresses'], `${address} is a host of the inventory`, 'name it under `hosts`')]
      : [];
  });
}

function typeMistakes(
  name: string,
  { catalogue }: OwnHttpService,
  topology: Topology,
): readonly Diagnostic[] {
  const taken = topology.identities.flatMap(({ catalogue: entries }) => entries).map(({ type }) => type);
  return catalogue !== undefined && taken.includes(catalogue.type)
    ? [
        error(
          ['services', name, 'catalogue', 'type'],
          `a service of ours is the ${catalogue.type} of this cloud`,
          'leave its entry out, or give it its own type',
        ),
      ]
    : [];
}
