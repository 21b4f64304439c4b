import { z } from 'zod';

export const settings = z.strictObject({
  port: z
    .int()
    .min(1)
    .max(65_535)
    .default(9190)
    .describe('Port on which the load balancers ask whether an API of the host can work'),
});

export type CheckerSettings = z.infer<typeof settings>;
