import type { Platform } from '../../model/platform.ts';
import type { RabbitmqSettings } from './settings.ts';
import { vhostsFor } from './vhosts.ts';

export interface Policy {
  readonly vhost: string;
  readonly name: string;
  readonly pattern: string;
  readonly 'apply-to': 'queues';
  readonly priority: number;
  readonly definition: Readonly<Record<string, string | number>>;
}

/** The queues whose messages must outlive a node: what OpenStack tells others about itself. */
export const notificationPattern =
  '^(alarm|alarming|event|metering|notifications|versioned_notifications)\\.';

/**
 * One policy mirrors notification queues, the other bounds all the rest and mirrors nothing: a remote call is dead
 * after a minute anyway, and a copy of each would cost every node the load of all. The drill's virtual host has the
 * same two, so that what it measures is what OpenStack gets.
 */
export const policiesFor = (settings: RabbitmqSettings, platform: Platform): readonly Policy[] =>
  vhostsFor(settings, platform).flatMap(({ name }) => [
    notifications(name, settings, platform),
    everythingElse(name, settings),
  ]);

const notifications = (vhost: string, settings: RabbitmqSettings, platform: Platform): Policy => ({
  vhost,
  name: 'notifications',
  pattern: notificationPattern,
  'apply-to': 'queues',
  priority: 10,
  definition: {
    ...(platform.rabbitmq.mirroring === 'ha-mode' ? mirrored : {}),
    'message-ttl': settings.notificationHours * 3_600_000,
    'max-length': settings.notificationsPerQueue,
    'max-length-bytes': settings.notificationMegabytesPerQueue * 1_000_000,
    ...dropOldest,
  },
});

/**
 * Two copies survive one node, and a third is made at once on the node that is left. A confirm means that both copies
 * have the message, so a copy that lacks some is never made the leader: the queue waits for a node instead. Messages
 * lie on disk, so that queues nobody reads take no memory.
 */
const mirrored = {
  'ha-mode': 'exactly',
  'ha-params': 2,
  'ha-sync-mode': 'automatic',
  'ha-promote-on-shutdown': 'when-synced',
  'ha-promote-on-failure': 'when-synced',
  'queue-mode': 'lazy',
} as const;

/** On how many members a quorum queue is: one may be lost while another changes. */
export const copiesWanted = 3;

/** Refusing the newest instead would hold OpenStack's APIs up as soon as nobody reads their notifications. */
const dropOldest = { overflow: 'drop-head' } as const;

const everythingElse = (vhost: string, settings: RabbitmqSettings): Policy => ({
  vhost,
  name: 'bounded',
  pattern: '^(?!amq\\.)',
  'apply-to': 'queues',
  priority: 0,
  definition: {
    'message-ttl': settings.rpcMessageSeconds * 1000,
    'max-length': settings.rpcMessagesPerQueue,
    ...dropOldest,
  },
});
