import type { Host } from '../../model/host.ts';
import type { Listener, ListenerCheck, ListenerServer, Socket } from '../../model/listener.ts';
import type { Instance } from '../../model/topology.ts';

/** One API of a service: a unit on each control host, and an endpoint on the VIPs. */
export interface Api<Settings> {
  /** Name of its listener: `keystone`, `nova-metadata`. */
  readonly name: string;
  readonly service: string;
  readonly purpose: string;
  readonly check: Omit<Extract<ListenerCheck, { kind: 'deep' }>, 'kind'>;
  readonly reach: Listener['reach'];
  /** Where clients try passwords. */
  readonly signIn?: readonly string[];
  portIn(settings: Settings): number;
  /** What an instance of it can work on. */
  capacityIn(settings: Settings): Pick<ListenerServer, 'processes' | 'slots'>;
}

/** Where an API listens: the host's own address, since the VIP's is the load balancer's. */
export const apiAddress = (host: Host): string => host.addresses.internal;

/** Its endpoint on the control VIP. */
export function apiListener<Settings>(
  api: Api<Settings>,
  instances: readonly Instance<Settings>[],
): readonly Listener[] {
  const [first] = instances;
  if (!first) return [];
  return [
    {
      name: api.name,
      service: api.service,
      role: 'control',
      port: api.portIn(first.settings),
      kind: 'http',
      servers: instances.map(({ host, settings }) => ({
        host: host.name,
        address: apiAddress(host),
        port: api.portIn(settings),
        ...api.capacityIn(settings),
      })),
      check: { kind: 'deep', ...api.check },
      reach: api.reach,
      from: 'anyone',
      ...(api.signIn === undefined ? {} : { signIn: api.signIn }),
      statics: [],
    },
  ];
}

/** The load balancers ask it, and whoever looks from another host of the cloud. */
export const apiSocket = <Settings>(api: Api<Settings>, { host, settings }: Instance<Settings>): Socket => ({
  host: host.name,
  service: api.service,
  address: apiAddress(host),
  port: api.portIn(settings),
  protocol: 'tcp',
  purpose: api.purpose,
  from: 'cloud',
});
