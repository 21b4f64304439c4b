import type { Host } from '../../model/host.ts';
import type { Listener, ListenerCheck, Socket } from '../../model/listener.ts';
import type { Instance } from '../../model/topology.ts';
import type { ApiSettings } from './api-settings.ts';

/** One API of a service: a unit on each control host, and an endpoint on the VIPs. */
export interface Api {
  /** Name of its listener: `keystone`, `nova-metadata`. */
  readonly name: string;
  readonly service: string;
  readonly purpose: string;
  readonly check: Omit<Extract<ListenerCheck, { kind: 'deep' }>, 'kind'>;
  readonly reach: Listener['reach'];
}

/** Where an API listens: the host's own address, since the VIP's is the load balancer's. */
export const apiAddress = (host: Host): string => host.addresses.internal;

/** Its endpoint on the control VIP. */
export function apiListener(api: Api, instances: readonly Instance<ApiSettings>[]): readonly Listener[] {
  const [first] = instances;
  if (!first) return [];
  return [
    {
      name: api.name,
      service: api.service,
      role: 'control',
      port: first.settings.port,
      kind: 'http',
      servers: instances.map(({ host, settings }) => ({
        host: host.name,
        address: apiAddress(host),
        port: settings.port,
      })),
      check: { kind: 'deep', ...api.check },
      reach: api.reach,
      statics: [],
    },
  ];
}

/** The load balancers ask it, and whoever looks from another host of the cloud. */
export const apiSocket = ({ service, purpose }: Api, { host, settings }: Instance<ApiSettings>): Socket => ({
  host: host.name,
  service,
  address: apiAddress(host),
  port: settings.port,
  protocol: 'tcp',
  purpose,
  from: 'cloud',
});
