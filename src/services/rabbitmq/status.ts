import type { StatusSection } from '../../model/check.ts';
import type { ObservedState } from '../../model/observed.ts';
import { isSafe } from './checks.ts';
import { nodeName, ports, type RabbitmqInstance } from './names.ts';
import { ledBy } from './rolling.ts';
import { type ClusterView, firstView, type ObservedNode, viewOf } from './view.ts';

export function statusOf(
  instances: readonly RabbitmqInstance[],
  observed: ObservedState,
): readonly StatusSection[] {
  const view = firstView(
    observed,
    instances.map(({ host }) => host.name),
  );
  return [
    {
      title: 'RabbitMQ nodes',
      columns: ['host', 'node', 'state', 'partitions', 'alarms', 'memory', 'tls', 'leads'],
      rows: instances.map((instance) => memberRow(instance, observed)),
    },
    ...(view ? [policySection(view), queueSection(view)] : []),
  ];
}

function memberRow(instance: RabbitmqInstance, observed: ObservedState): readonly string[] {
  const { host } = instance;
  const view = viewOf(observed, host.name);
  if (view.kind !== 'up') return [host.name, nodeName(host), view.kind, '-', '-', '-', '-', '-'];
  const node = view.nodes.find(({ name }) => name === nodeName(host));
  if (!node) return [host.name, nodeName(host), 'alone', '-', '-', '-', '-', '-'];
  return [
    host.name,
    node.name,
    node.running ? 'running' : 'down',
    node.partitions.join(' ') || 'none',
    alarmsOf(node),
    `${Math.round(node.mem_used / 1_000_000)} MB`,
    encryptionOf(view),
    `${ledBy(instance, observed)} notification queues`,
  ];
}

/** What clients may speak here now, whatever the inventory says. */
function encryptionOf({ listens }: ClusterView): string {
  const [plain, tls] = [listens.includes(ports.amqp), listens.includes(ports.amqps)];
  if (plain) return tls ? 'optional' : 'no';
  return tls ? 'yes' : '-';
}

const alarmsOf = ({ mem_alarm, disk_free_alarm }: ObservedNode): string =>
  [mem_alarm ? 'memory' : '', disk_free_alarm ? 'disk' : ''].filter(Boolean).join(' ') || 'none';

const policySection = ({ policies }: ClusterView): StatusSection => ({
  title: 'RabbitMQ policies',
  columns: ['virtual host', 'policy', 'queues', 'definition'],
  rows: policies.map(({ vhost, name, pattern, definition }) => [
    vhost,
    name,
    pattern,
    Object.entries(definition)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(' '),
  ]),
});

const queueSection = ({ notificationQueues, otherQueues }: ClusterView): StatusSection => ({
  title: 'RabbitMQ queues',
  columns: ['queues', 'number', 'with a complete copy', 'messages'],
  rows: [
    [
      'notifications',
      String(notificationQueues.length),
      String(notificationQueues.filter(isSafe).length),
      String(notificationQueues.reduce((sum, { messages }) => sum + messages, 0)),
    ],
    ['others', String(otherQueues), 'not mirrored', '-'],
  ],
});
