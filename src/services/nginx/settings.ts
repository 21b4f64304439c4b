import { z } from 'zod';
import { cidr } from '../../model/address-shape.ts';

export const settings = z.strictObject({
  workerConnections: z
    .int()
    .min(256)
    .max(100_000)
    .default(4000)
    .describe(
      'Connections of one worker, to clients and to servers together. Its limit of open files follows',
    ),
  maxBodyMegabytes: z
    .int()
    .min(1)
    .max(1_048_576)
    .default(512)
    .describe('Largest request that a client may send, for example an image uploaded in the dashboard'),
  maxUploadGigabytes: z
    .int()
    .min(1)
    .max(65_536)
    .default(1024)
    .describe('Largest request that a client may send to an API, for example an image; it streams through'),
  hstsSeconds: z
    .int()
    .min(0)
    .max(63_072_000)
    .default(2_592_000)
    .describe(
      'How long browsers refuse plain HTTP, and certificates that they do not trust, after they came once; 0 does not tell them. A browser that does not come again keeps to what it was told last, so raise it once certificates are renewed without fail',
    ),
  signInsPerMinute: z
    .int()
    .min(0)
    .max(6000)
    .default(60)
    .describe(
      'How often a minute one address may try a password (POST for a token, or to sign in to the dashboard); more is answered with 429. 0 is no bound: where a balancer of your own stands in front, all clients have its address, so bound them there',
    ),
  signInBurst: z
    .int()
    .min(1)
    .max(6000)
    .default(100)
    .describe('How many tries one address may make at once before signInsPerMinute holds it up'),
  signInUnlimited: z
    .array(cidr)
    .optional()
    .describe(
      'Networks whose clients may sign in as often as they like, such as that of a CI. Unless said otherwise the management and internal networks, from where the control VIP answers too, which bounds nobody',
    ),
  alivePort: z
    .int()
    .min(1)
    .max(65_535)
    .default(8406)
    .describe('Loopback port on which Nginx says that it is alive'),
});

export type NginxSettings = z.infer<typeof settings>;
