import type { Front, Listener } from '../../model/listener.ts';
import type { Instance, ResolvedVip, Topology } from '../../model/topology.ts';
import type { NginxSettings } from './settings.ts';

export const serviceName = 'nginx';
export const unit = 'nginx.service';
export const role = 'proxy';

export type NginxInstance = Instance<NginxSettings>;

export const configFileName = '/etc/nginx/nginx.conf';
export const dropIn = `/etc/systemd/system/${unit}.d/mcp.conf`;
export const tlsDirectory = '/etc/nginx/tls';
export const certificateFile = ({ name }: ResolvedVip): string => `${tlsDirectory}/${name}.crt`;
export const keyFile = ({ name }: ResolvedVip): string => `${tlsDirectory}/${name}.key`;

export const alivePath = '/alive';

/** Its workers serve the VIP; this tells Keepalived whether they do. */
export const frontOf = ({ alivePort }: NginxSettings): Front => ({
  role,
  service: serviceName,
  unit,
  trackFile: '/run/mcp/front-nginx',
  aliveUrl: `http://127.0.0.1:${alivePort}${alivePath}`,
  plainPort: 80,
  adminSocket: undefined,
  connectsForEachRequest: 'nginx',
});

export const proxyVips = ({ vips }: Pick<Topology, 'vips'>): readonly ResolvedVip[] =>
  vips.filter((vip) => vip.role === role);

export const proxyListeners = ({ listeners }: Pick<Topology, 'listeners'>): readonly Listener[] =>
  listeners.filter((listener) => listener.role === role);

/** Listeners of the load balancers that are offered to the world too, on the same port. */
export const publishedListeners = ({ listeners }: Pick<Topology, 'listeners'>): readonly Listener[] =>
  listeners.filter((listener) => listener.role === 'control' && listener.reach === 'world');

/** Where the load balancers answer; TLS is checked by its name, since nobody signs for an address here. */
export const gatewayVip = ({ vips }: Pick<Topology, 'vips'>): ResolvedVip | undefined =>
  vips.find((vip) => vip.role === 'control');
