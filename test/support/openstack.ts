import type { Host } from '../../src/model/host.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Service } from '../../src/model/service.ts';
import type { Instance, Topology } from '../../src/model/topology.ts';
import { services } from '../../src/services/index.ts';
import { aTopology, usualVips } from './topology.ts';

/** A topology in which every service runs with its defaults and offers what it offers. */
export function wholeTopology(hosts: readonly Host[]): Topology {
  const vips = usualVips(hosts).map((vip) =>
    vip.role === 'control' ? { ...vip, hostname: 'internal.cloud.lab' } : vip,
  );
  const secrets = new Map(
    services
      .flatMap((service) => service.secrets?.(service.settings.parse({})) ?? [])
      .map(({ name }) => [name, new Secret(`secret-of-${name.replaceAll('.', '-')}`)]),
  );
  const bare = aTopology({ hosts, vips, secrets });
  const running = services.map((service) => ({ service, own: instancesOn(hosts, service) }));
  const all = <Offer>(of: (service: Service, own: readonly Instance[]) => readonly (Offer | undefined)[]) =>
    running.flatMap(({ service, own }) => of(service, own)).filter((offer) => offer !== undefined);
  return {
    ...bare,
    instances: running.flatMap(({ own }) => own),
    listeners: all((service, own) => service.listeners?.(own, bare) ?? []),
    sockets: all((service, own) => own.flatMap((instance) => service.sockets(instance))),
    fronts: all((service) => service.fronts?.(service.settings.parse({})) ?? []),
    databases: all((service) => service.databases?.(service.settings.parse({})) ?? []),
    identities: all((service) => service.identities?.(service.settings.parse({})) ?? []),
    broker: all((service, own) => [service.broker?.(own)])[0],
    caches: all((service, own) => service.caches?.(own) ?? []),
    checker: all((service) => [service.checker?.(service.settings.parse({}))])[0],
  };
}

const instancesOn = (hosts: readonly Host[], { name, roles, settings }: Service): readonly Instance[] => {
  const members = hosts.filter((host) => roles === 'all' || host.roles.some((role) => roles.includes(role)));
  return members.map((host) => ({ service: name, host, settings: settings.parse({}), members }));
};
