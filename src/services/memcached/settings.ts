import { z } from 'zod';

/** What an operator may set for the token and session cache. */
export const memcachedSettings = z.strictObject({
  memoryMegabytes: z
    .int()
    .min(16)
    .max(65_536)
    .default(256)
    .describe('Memory for cached tokens and sessions on each control host, in MiB.'),
  maxConnections: z
    .int()
    .min(128)
    .max(16_000)
    .default(4096)
    .describe('Connections from API workers and dashboards. Each needs one open file.'),
});

export type MemcachedSettings = z.infer<typeof memcachedSettings>;
