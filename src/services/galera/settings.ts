import { z } from 'zod';
import { encryptionSetting } from '../../model/encryption.ts';

const size = z
  .string()
  .regex(
    /^([1-9][0-9]{1,6}M|[1-9][0-9]{0,3}G)$/,
    'must be a number with M or G from 10M to 9999G, for example 512M',
  );

/** What an operator may set for the database cluster. */
export const galeraSettings = z.strictObject({
  bufferPoolSize: size
    .default('1G')
    .describe(
      'Memory for InnoDB pages. Up to 60 % of the memory of a host that runs nothing but the database.',
    ),
  writeSetCacheSize: size
    .default('1G')
    .describe(
      'Disk for recent write sets. A member that was away for less than this holds returns without a full copy.',
    ),
  maxConnections: z
    .int()
    .min(100)
    .max(8000)
    .default(4096)
    .describe(
      'Sessions a member accepts. More than HAProxy lets through (haproxy.sqlMaxConnections, 4000), so that checks and operators always get one.',
    ),
  applierThreads: z
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('Threads that apply the write sets of other members: about two for each core.'),
  leastFreeMegabytes: z
    .int()
    .min(16)
    .max(1_000_000)
    .default(128)
    .describe(
      'Disk that is left for the data when a member gives the writes up, as long as another has more. It takes them again when there is twice as much.',
    ),
  suspectSeconds: z
    .number()
    .min(1)
    .max(30)
    .multipleOf(0.5)
    .default(2)
    .describe(
      'Silence after which a member is suspected. Writes stop for about this long when one dies; a host that pauses for longer is expelled.',
    ),
  tls: encryptionSetting,
});

export type GaleraSettings = z.infer<typeof galeraSettings>;
