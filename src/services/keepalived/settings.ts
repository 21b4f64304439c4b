import { z } from 'zod';

export const keepalivedSettings = z.strictObject({});

export type KeepalivedSettings = z.infer<typeof keepalivedSettings>;
