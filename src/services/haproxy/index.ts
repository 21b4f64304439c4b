import type { Host } from '../../model/host.ts';
import type { Role } from '../../model/inventory.ts';
import type { ObservedState } from '../../model/observed.ts';
import { defineService } from '../../model/service.ts';
import type { Topology } from '../../model/topology.ts';
import { holdersOf, joinVips, leaveVips } from '../../resources/index.ts';
import { balancers, balancersOn, frontOf, unitOf } from './balancers.ts';
import { carriedBy } from './carries.ts';
import { haproxyChecks } from './checks.ts';
import { balancerProbe } from './probe.ts';
import { haproxyResources } from './resources.ts';
import { servesProbe } from './serves.ts';
import { type HaproxySettings, haproxySettings } from './settings.ts';
import { haproxyStatus } from './status.ts';
import { configValidator } from './validator.ts';

/** The load balancers on the control and the database VIPs. */
export const haproxy = defineService<HaproxySettings>({
  name: 'haproxy',
  title: 'HAProxy',
  roles: ['control', 'database'],
  after: ['host', 'galera', 'rabbitmq', 'memcached', 'api-checker'],
  settings: haproxySettings,
  rolling: { first: 'together', later: 'one-by-one' },
  quorum: 'one',
  resources: haproxyResources,
  checks: haproxyChecks,
  status: haproxyStatus,

  sockets: ({ host, settings, members }) =>
    host.roles.includes('database')
      ? [
          {
            host: host.name,
            service: 'haproxy',
            address: host.addresses.internal,
            port: settings.peersPort,
            protocol: 'tcp',
            purpose: 'HAProxy peers',
            from: members
              .filter(({ roles }) => roles.includes('database'))
              .map(({ addresses }) => addresses.internal),
          },
        ]
      : [],

  fronts: (settings) => balancers.map((balancer) => frontOf(balancer, settings)),

  validators: ({ host }, topology) =>
    balancersOn(host).map((balancer) => configValidator(balancer, topology)),

  probes: ({ host }, topology) =>
    balancersOn(host).flatMap((balancer) => [
      balancerProbe(
        balancer,
        topology.listeners
          .filter(({ role, kind }) => role === balancer.role && kind === 'single-writer')
          .map(({ name }) => name),
      ),
      ...servesProbe(balancer, topology),
    ]),

  order(instances, topology, observed) {
    const held = ({ host }: (typeof instances)[number]) =>
      vipsHeld({ host, roles: rolesOf(host) }, topology, observed).length;
    return [...instances].sort((a, b) => held(a) - held(b));
  },
  carries: carriedBy,
  leave: ({ host }, topology, observed, units) =>
    leaveVips({ host, roles: rolesServedBy(units, host) }, topology, observed),
  join: ({ host }, topology) => joinVips({ host, roles: rolesOf(host) }, topology),

  capacity(instance, topology, observed, units) {
    const { host } = instance;
    const held = vipsHeld({ host, roles: rolesServedBy(units, host) }, topology, observed);
    const left = `haproxy ${instance.members.length - 1} of ${instance.members.length}`;
    return held.length === 0 ? left : `${left}, ${held.join(' and ')} handed over first`;
  },
});

/** The roles whose VIPs the balancers of a host serve. */
const rolesOf = (host: Host): readonly Role[] => balancersOn(host).map(({ role }) => role);

/** Where the certificate of the APIs is new, the writer's VIP stays where it is: no session with the database is cut. */
const rolesServedBy = (units: ReadonlySet<string>, host: Host): readonly Role[] =>
  balancersOn(host)
    .filter((balancer) => units.has(unitOf(balancer)))
    .map(({ role }) => role);

const vipsHeld = (
  { host, roles }: { readonly host: Host; readonly roles: readonly Role[] },
  { vips }: Topology,
  observed: ObservedState,
): readonly string[] =>
  vips
    .filter((vip) => roles.includes(vip.role) && holdersOf(vip, observed).includes(host.name))
    .map(({ name }) => name);
