import { z } from 'zod';

export const haproxySettings = z.strictObject({
  maxConnections: z
    .int()
    .min(100)
    .max(200_000)
    .default(4000)
    .describe('Connections that the API load balancer takes at once; each needs two open files'),
  sqlMaxConnections: z
    .int()
    .min(100)
    .max(7900)
    .optional()
    .describe(
      'Connections that the SQL load balancer takes at once, by default 4000, or maxConnections where that is less; all of them go to one member of Galera, whose maxConnections has to be larger',
    ),
  apiHardStopSeconds: z
    .int()
    .min(1)
    .max(86_400)
    .default(1800)
    .describe('Seconds that requests in flight may still take after a reload of the API load balancer'),
  sqlHardStopSeconds: z
    .int()
    .min(1)
    .max(3600)
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
