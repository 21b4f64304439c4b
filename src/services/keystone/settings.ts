import { z } from 'zod';
import { threadsSetting, uwsgiShape } from '../../resources/openstack/index.ts';

export const settings = z.strictObject({
  ...uwsgiShape({ port: 5000, processes: 4 }),
  threads: threadsSetting(4),
  passwordHashRounds: z
    .int()
    .min(4)
    .max(20)
    .default(12)
    .describe('Cost of checking a password, as a power of two: 12 takes a quarter of a second of one core'),
  tokenMinutes: z
    .int()
    .min(10)
    .max(1440)
    .default(240)
    .describe('How long a token is good. Keys are rotated no more often than this'),
});

export type KeystoneSettings = z.infer<typeof settings>;
