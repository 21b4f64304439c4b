import { inUrl } from '../../model/address.ts';
import type { Host } from '../../model/host.ts';
import { loginName, secretOf } from '../../model/secret.ts';
import type { Topology } from '../../model/topology.ts';

/** What a service's templates say of its database: everything but the schema is one login's. */
export function databaseValues(user: string, topology: Topology) {
  const account = topology.databases.find((each) => each.user === user);
  if (!account) throw new Error(`no service asks for the database account ${user}`);
  const listener = topology.listeners.find(({ role }) => role === 'database');
  return {
    user,
    password: secretOf(topology.secrets, account.secret),
    address: inUrl(topology.vips.find(({ role }) => role === 'database')?.address ?? '127.0.0.1'),
    port: listener?.port ?? 3306,
    // With the cloud's own alone: no other authority has a say in who is the database.
    authority: listener?.serversSpeakTls !== undefined && ownAuthority(topology.cloud),
    /** Whether no member of it takes anybody without TLS. */
    onlyTls: listener?.serversSpeakTls === 'only',
  };
}

/** Members of the broker, each with the login, for a transport_url; a host begins with the one nearest to it. */
export function brokerValues(host: Host, { broker, secrets, hosts, cloud }: Topology) {
  if (!broker) throw new Error('no service offers a broker');
  // Where every client begins with the same member, that one has all of the load.
  const own = broker.members.findIndex((member) => member.host === host.name);
  const start = own >= 0 ? own : hosts.findIndex(({ name }) => name === host.name) % broker.members.length;
  const members = [...broker.members.slice(start), ...broker.members.slice(0, start)];
  const password = secretOf(secrets, broker.secret);
  return {
    virtualHost: broker.virtualHost,
    notifications: broker.notifications,
    /** Whom clients trust; undefined: they speak no TLS. */
    authority: broker.tls ? ownAuthority(cloud) : undefined,
    members: members.map(({ address, port }) => ({
      user: loginName(broker.user, password),
      password,
      address: inUrl(address),
      port,
    })),
  };
}

/** The caches as clients write them. */
export const cacheServers = ({ caches }: Topology): string =>
  caches.map(({ address, port }) => `${inUrl(address)}:${port}`).join(',');

/**
 * For what each host may remember for itself: the cache beside it, so that no other host's death is waited for. Where
 * there is none, all.
 */
export function nearestCaches(host: Host, topology: Topology): string {
  const own = topology.caches.filter((cache) => cache.host === host.name);
  return cacheServers({ ...topology, caches: own.length > 0 ? own : topology.caches });
}

/** Debian's bundle, which holds the cloud's own authority too. */
export const authorities = '/etc/ssl/certs/ca-certificates.crt';

/** The cloud's own, from which that bundle is made. */
export const ownAuthority = (cloud: string): string => `/usr/local/share/ca-certificates/mcp-${cloud}.crt`;
