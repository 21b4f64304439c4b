import type { Broker } from '../../model/broker.ts';
import type { Listener, Socket } from '../../model/listener.ts';
import { defineService } from '../../model/service.ts';
import { checksFor } from './checks.ts';
import { namesForClients, obstaclesOf, takesPlain, takesTls } from './encryption.ts';
import { faultsOf } from './faults.ts';
import { forgetMember } from './forget.ts';
import {
  clientAddress,
  clusterAddress,
  openstackUser,
  ports,
  type RabbitmqInstance,
  secretNames,
  secrets,
  serviceName,
} from './names.ts';
import { probeOn } from './probe.ts';
import { rabbitmqRecovery } from './recovery.ts';
import { resourcesFor } from './resources.ts';
import { carriedBy, markScript, unmarkScript } from './rest.ts';
import { capacityOf, joinSteps, leaveSteps, orderOf } from './rolling.ts';
import { settings } from './settings.ts';
import { statusOf } from './status.ts';
import { rabbitmqValidators } from './validators.ts';
import { notificationsVhost } from './vhosts.ts';

/** The message broker: three members, notifications on two of them or all, clients name all three. */
export const rabbitmq = defineService({
  name: serviceName,
  title: 'RabbitMQ',
  roles: ['messaging'],
  after: ['host'],
  settings,
  perMachine: ['memoryWatermark', 'diskFreeMegabytes'],
  rolling: { first: 'together', later: 'one-by-one' },
  quorum: 'majority',
  data: ['/var/lib/rabbitmq/mnesia'],
  rooms: ({ settings: { diskFreeMegabytes } }) => [
    {
      path: '/var/lib/rabbitmq',
      mebibytes: 2 * diskFreeMegabytes,
      reason: 'with half of it the broker holds publishers back',
    },
  ],
  secrets: () => secrets,
  sockets: socketsOf,
  listeners: listenersFor,
  broker: brokerOf,
  speaksTls: takesTls,
  certificateNames: namesForClients,
  resources: resourcesFor,
  obstacles: obstaclesOf,
  validators: rabbitmqValidators,
  probes: ({ host }) => [probeOn(host)],
  checks: checksFor,
  status: (instances, _topology, observed) => statusOf(instances, observed),
  order: (instances, _topology, observed) => orderOf(instances, observed),
  rest: { mark: markScript, unmark: unmarkScript },
  carries: (instance, _topology, observed) => carriedBy(instance, observed),
  leave: (instance, _topology, observed) => leaveSteps(instance, observed),
  join: joinSteps,
  capacity: (instance, _topology, observed) => capacityOf(instance, observed),
  faults: faultsOf,
  recovery: rabbitmqRecovery,
  forget: forgetMember,
});

function socketsOf({ host, members, settings: own }: RabbitmqInstance): readonly Socket[] {
  const socket = (port: number, purpose: string): Socket => ({
    host: host.name,
    service: serviceName,
    address: clientAddress(host),
    port,
    protocol: 'tcp',
    purpose,
    from: 'cloud',
  });
  const between = (port: number, purpose: string): Socket => ({
    ...socket(port, purpose),
    address: clusterAddress(host),
    from: members.map(clusterAddress),
  });
  return [
    // Compute nodes and others outside of the inventory speak AMQP too, each with a login.
    ...(takesPlain(own) ? [{ ...socket(ports.amqp, 'AMQP clients'), from: 'anyone' } as const] : []),
    ...(takesTls(own) ? [{ ...socket(ports.amqps, 'AMQP clients with TLS'), from: 'anyone' } as const] : []),
    socket(ports.management, 'RabbitMQ management API'),
    between(ports.distribution, 'RabbitMQ members'),
    { ...between(ports.epmd, 'Erlang port mapper'), isOnLoopback: true },
    ...(members.length < 3 ? [] : [{ ...between(ports.watch, 'who hears whom'), protocol: 'udp' } as const]),
  ];
}

function brokerOf(instances: readonly RabbitmqInstance[]): Broker | undefined {
  const [first] = instances;
  if (!first) return undefined;
  const apart = notificationsVhost(first.settings, first.host.platform);
  return {
    members: instances.map(({ host }) => ({
      host: host.name,
      address: clientAddress(host),
      // Where both are spoken, clients come with TLS already, or still do.
      port: takesTls(first.settings) ? ports.amqps : ports.amqp,
    })),
    tls: takesTls(first.settings),
    virtualHost: first.settings.vhost,
    notifications: apart === undefined ? undefined : { virtualHost: apart },
    user: openstackUser,
    secret: secretNames.openstack,
  };
}

/** The management page on the control VIP. Its check needs no login: the page is there while the broker runs. */
function listenersFor(instances: readonly RabbitmqInstance[]): readonly Listener[] {
  if (instances.length === 0) return [];
  return [
    {
      name: 'rabbitmq-management',
      service: serviceName,
      role: 'control',
      port: ports.management,
      kind: 'http',
      servers: instances.map(({ host }) => ({
        host: host.name,
        address: clientAddress(host),
        port: ports.management,
      })),
      check: { kind: 'direct', port: ports.management, path: '/', expect: 200 },
      reach: 'cloud',
      from: 'cloud',
      statics: [],
    },
  ];
}
