import { z } from 'zod';

/** Whether the members of a service, and their clients, speak TLS with each other. */
export type Encryption = z.infer<typeof encryptionSetting>;

/**
 * A setting of services whose daemons can. In a cloud that runs it goes from false over `optional` to true, and back the
 * same way: who speaks only the one never meets who speaks only the other.
 */
export const encryptionSetting = z
  .union([z.boolean(), z.literal('optional')])
  .default(false)
  .describe(
    'Whether members and clients speak TLS. optional: both are spoken, for the way between false and true, with a deploy for each step. Needs certificates of the hosts: mcp certs init makes them',
  );
