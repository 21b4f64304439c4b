import { inUrl } from '../../model/address.ts';
import type { Host } from '../../model/host.ts';
import { type CatalogueEntry, defaultDomain, serviceProject } from '../../model/identity.ts';
import { loginName, secretOf } from '../../model/secret.ts';
import type { ResolvedVip, Topology } from '../../model/topology.ts';
import { authorities, nearestCaches } from './connections.ts';

/** Who asks: a service of the cloud through the control VIP, or a client through the proxies. */
export type Interface = 'internal' | 'public';

/** The address under which the catalogue offers an entry. */
export function endpointOf(entry: CatalogueEntry, side: Interface, topology: Topology): string {
  const listener = topology.listeners.find(({ name }) => name === entry.listener);
  if (!listener) throw new Error(`no service offers the listener ${entry.listener}`);
  const { name, scheme } = placeOf(
    side === 'public' && listener.reach === 'world' ? 'proxy' : 'control',
    topology,
  );
  return `${scheme}://${name}:${listener.port}${entry.path}`;
}

/** The entry of a type (`identity`, `image`) in the catalogue. */
function catalogueEntry(type: string, { identities }: Topology): CatalogueEntry | undefined {
  return identities.flatMap(({ catalogue }) => catalogue).find((entry) => entry.type === type);
}

/** Where the identity service answers its fellow services. */
export function identityUrl(side: Interface, topology: Topology): string {
  const entry = catalogueEntry('identity', topology);
  if (!entry) throw new Error('no service offers an identity service');
  return endpointOf(entry, side, topology);
}

/** What a service's templates say of the login with which it speaks to other services, and checks what clients show. */
export function identityValues(user: string, topology: Topology) {
  const identity = topology.identities.find((each) => each.user === user);
  if (!identity) throw new Error(`no service asks for the user ${user}`);
  const password = secretOf(topology.secrets, identity.secret);
  return {
    user: loginName(user, password),
    password,
    project: serviceProject,
    domain: defaultDomain,
    region: topology.region,
    internalUrl: identityUrl('internal', topology),
    publicUrl: identityUrl('public', topology),
    authorities,
  };
}

/** The same login, and where its service remembers the tokens that it checked. */
export const tokenCheckValues = (user: string, host: Host, topology: Topology) => ({
  ...identityValues(user, topology),
  caches: nearestCaches(host, topology),
});

/** The login of the service that offers a type (`compute`, `network`); undefined where nothing does. */
export function identityOfType(type: string, topology: Topology) {
  const owner = topology.identities.find(({ catalogue }) => catalogue.some((entry) => entry.type === type));
  return owner && identityValues(owner.user, topology);
}

function placeOf(role: ResolvedVip['role'], { vips }: Topology) {
  const vip = vips.find((each) => each.role === role) ?? vips.find((each) => each.role === 'control');
  return {
    name: vip?.hostname ?? inUrl(vip?.address ?? 'localhost'),
    scheme: vip?.tls ? 'https' : 'http',
  };
}
