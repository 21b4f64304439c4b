import type { Host } from '../../model/host.ts';
import type { Role } from '../../model/inventory.ts';
import type { Front } from '../../model/listener.ts';
import type { HaproxySettings } from './settings.ts';

/** One of the two load balancers of a host: a unit, a configuration and an admin socket of its own. */
export interface Balancer {
  /** `haproxy-api`: names the unit, its configuration and what it keeps. */
  readonly name: 'haproxy-api' | 'haproxy-sql';
  /** The hosts that run it carry this role, and its listeners are on the VIPs of this role. */
  readonly role: Role;
  readonly description: string;
}

export const balancers: readonly Balancer[] = [
  { name: 'haproxy-api', role: 'control', description: 'HAProxy in front of the APIs' },
  { name: 'haproxy-sql', role: 'database', description: 'HAProxy in front of the SQL writer' },
];

export const balancersOn = ({ roles }: Pick<Host, 'roles'>): readonly Balancer[] =>
  balancers.filter(({ role }) => roles.includes(role));

export const unitOf = ({ name }: Balancer): string => `${name}.service`;
export const configOf = ({ name }: Balancer): string => `/etc/haproxy/${name}.cfg`;
export const adminSocketOf = ({ name }: Balancer): string => `/run/${name}/admin.sock`;

/** Where a balancer says to Keepalived whether it serves, and answers that it is alive. */
export const frontOf = (balancer: Balancer, settings: HaproxySettings): Front => ({
  role: balancer.role,
  service: 'haproxy',
  unit: unitOf(balancer),
  trackFile: `/run/mcp/front-${balancer.name}`,
  aliveUrl: `http://127.0.0.1:${alivePort(balancer, settings)}/alive`,
  connections: maxConnections(balancer, settings),
  adminSocket: adminSocketOf(balancer),
  connectsForEachRequest: undefined,
});

export const alivePort = ({ name }: Balancer, settings: HaproxySettings): number =>
  name === 'haproxy-api' ? settings.apiAlivePort : settings.sqlAlivePort;

export const maxConnections = ({ name }: Balancer, settings: HaproxySettings): number =>
  name === 'haproxy-api' ? settings.maxConnections : (settings.sqlMaxConnections ?? sqlByDefault(settings));

/** Who lets fewer through to the APIs has sized the database for as many: once it was one setting for both. */
const sqlByDefault = ({ maxConnections: ofApis }: HaproxySettings): number => Math.min(4000, ofApis);
