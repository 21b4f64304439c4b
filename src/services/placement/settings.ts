import { z } from 'zod';
import { threadsSetting, uwsgiShape } from '../../resources/openstack/index.ts';

export const settings = z.strictObject({
  ...uwsgiShape({ port: 8778, processes: 2 }),
  threads: threadsSetting(4),
});

export type PlacementSettings = z.infer<typeof settings>;
