import { z } from 'zod';
import { portSetting, uwsgiShape, workersSetting } from '../../resources/openstack/index.ts';

export const settings = z.strictObject({
  ...uwsgiShape({ port: 8774, processes: 4 }),
  metadataPort: portSetting(8775),
  metadataProcesses: workersSetting(2),
  conductorWorkers: workersSetting(2),
  schedulerWorkers: workersSetting(1),
  discoverHostsSeconds: z
    .int()
    .min(-1)
    .max(86_400)
    .default(300)
    .describe('How often new compute hosts are taken in by themselves; -1: never, nova-manage does it'),
});

export type NovaSettings = z.infer<typeof settings>;
