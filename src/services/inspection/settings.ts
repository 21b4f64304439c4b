import { z } from 'zod';

/** Where the copy goes stands in the inventory's own `inspection` section; there is nothing to tune. */
export const settings = z.strictObject({});

export type InspectionSettings = z.infer<typeof settings>;
