import { z } from 'zod';

export const haproxySettings = z.strictObject({
  maxConnections: z
    .int()
    .min(100)
    .max(200_000)
    .default(4000)
    .describe('Connections that each of the two load balancers takes at once; each needs two open files'),
  apiHardStopSeconds: z
    .int()
    .min(1)
    .default(1800)
    .describe('Seconds that requests in flight may still take after a reload of the API load balancer'),
  sqlHardStopSeconds: z
    .int()
    .min(1)
    .default(30)
    .describe('Seconds that SQL sessions may still live after a reload of the SQL load balancer'),
  peersPort: z
    .int()
    .min(1)
    .max(65_535)
    .default(10_000)
    .describe('Port on which the SQL load balancers tell each other who the writer is'),
  apiAlivePort: z
    .int()
    .min(1)
    .max(65_535)
    .default(8404)
    .describe('Loopback port on which the API load balancer says that it is alive'),
  sqlAlivePort: z
    .int()
    .min(1)
    .max(65_535)
    .default(8405)
    .describe('Loopback port on which the SQL load balancer says that it is alive'),
});

export type HaproxySettings = z.infer<typeof haproxySettings>;
