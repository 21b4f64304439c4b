import { z } from 'zod';

export const settings = z.strictObject({
  workerConnections: z
    .int()
    .min(256)
    .default(4000)
    .describe('Connections of one worker, to clients and to servers together'),
  maxBodyMegabytes: z
    .int()
    .min(1)
    .default(512)
    .describe('Largest request that a client may send, for example an image uploaded in the dashboard'),
  maxUploadGigabytes: z
    .int()
    .min(1)
    .default(1024)
    .describe('Largest request that a client may send to an API, for example an image; it streams through'),
  hstsSeconds: z
    .int()
    .min(0)
    .default(31_536_000)
    .describe('How long browsers refuse plain HTTP after they came once; 0 does not tell them'),
  alivePort: z
    .int()
    .min(1)
    .max(65_535)
    .default(8406)
    .describe('Loopback port on which Nginx says that it is alive'),
});

export type NginxSettings = z.infer<typeof settings>;
