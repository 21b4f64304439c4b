import { z } from 'zod';
import { encryptionSetting } from '../../model/encryption.ts';

/** The drill works in a virtual host of its own, so that it can neither read nor fill OpenStack's queues. */
export const drillVhost = 'mcp_drill';

export const settings = z.strictObject({
  vhost: z
    .string()
    .regex(
      new RegExp(`^(?!${drillVhost}$)[A-Za-z0-9_.-]{1,100}$`),
      `must be a word of letters, digits, dots, hyphens and underscores, and not ${drillVhost}, where drills are`,
    )
    .default('openstack')
    .describe('Virtual host of the OpenStack services; the last part of their transport_url'),
  tls: encryptionSetting,
  memoryWatermark: z
    .number()
    .min(0.05)
    .max(0.8)
    .default(0.3)
    .describe(
      "Share of the host's memory at which publishers are held back; the host carries other services too",
    ),
  diskFreeMegabytes: z
    .int()
    .min(50)
    .max(10_000_000)
    .default(1000)
    .describe('Publishers are held back when the disk has less than this left'),
  notificationHours: z
    .int()
    .min(1)
    .max(1000)
    .default(24)
    .describe('How long a notification that nobody reads is kept'),
  notificationsPerQueue: z
    .int()
    .min(1000)
    .max(100_000_000)
    .default(100_000)
    .describe('Notifications that one queue keeps at most; the oldest go first'),
  notificationMegabytesPerQueue: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(128)
    .describe('Megabytes that one queue of notifications keeps at most; the oldest go first'),
  rpcMessageSeconds: z
    .int()
    .min(60)
    .max(86_400)
    .default(300)
    .describe('How long a remote call that nobody takes is kept; its caller gives up after 60 seconds'),
  rpcMessagesPerQueue: z
    .int()
    .min(1000)
    .max(100_000_000)
    .default(100_000)
    .describe('Messages that any other queue keeps at most; the oldest go first'),
});

export type RabbitmqSettings = z.infer<typeof settings>;
