import type { Socket } from '../../model/listener.ts';
import type { ObservedState } from '../../model/observed.ts';
import { defineService } from '../../model/service.ts';
import type { Topology } from '../../model/topology.ts';
import { holdersOf, joinVips, leaveVips } from '../../resources/index.ts';
import { checksFor } from './checks.ts';
import { frontOf, type NginxInstance, proxyVips, role, serviceName } from './names.ts';
import { frontProbe } from './probe.ts';
import { resourcesFor } from './resources.ts';
import { servesProbe } from './serves.ts';
import { settings } from './settings.ts';
import { statusOf } from './status.ts';
import { configValidator } from './validator.ts';

/** The HTTPS reverse proxy on the public VIP. */
export const nginx = defineService({
  name: serviceName,
  title: 'Nginx',
  roles: [role],
  after: ['host', 'keepalived'],
  settings,
  perMachine: ['workerConnections'],
  rolling: { first: 'together', later: 'one-by-one' },
  quorum: 'one',
  // It listens on VIPs and on the loopback, never on the host's own address.
  sockets: (): readonly Socket[] => [],
  fronts: (values) => [frontOf(values)],
  resources: resourcesFor,
  validators: (_instance, topology) => [configValidator(topology)],
  probes: (_instance, topology) => [frontProbe(topology), ...servesProbe(topology)],
  checks: checksFor,
  status: (instances, _topology, observed) => statusOf(instances, observed),

  order: (instances, topology, observed) =>
    [...instances].sort(
      (a, b) => heldBy(a, topology, observed).length - heldBy(b, topology, observed).length,
    ),
  leave: ({ host }, topology, observed) => leaveVips({ host, roles: [role] }, topology, observed),
  join: ({ host }, topology) => joinVips({ host, roles: [role] }, topology),

  capacity(instance, topology, observed) {
    const held = heldBy(instance, topology, observed);
    const left = `nginx ${instance.members.length - 1} of ${instance.members.length}`;
    return held.length === 0 ? left : `${left}, ${held.join(' and ')} handed over first`;
  },
});

const heldBy = ({ host }: NginxInstance, topology: Topology, observed: ObservedState): readonly string[] =>
  proxyVips(topology)
    .filter((vip) => holdersOf(vip, observed).includes(host.name))
    .map(({ name }) => name);
