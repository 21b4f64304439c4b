import { z } from 'zod';
import { apiShape } from '../../resources/openstack/index.ts';

export const settings = z.strictObject({
  ...apiShape({ port: 5000, processes: 4, threads: 8 }),
  tokenMinutes: z
    .int()
    .min(10)
    .max(1440)
    .default(240)
    .describe('How long a token is good. Keys are rotated no more often than this'),
});

export type KeystoneSettings = z.infer<typeof settings>;
