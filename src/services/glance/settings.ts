import { z } from 'zod';
import { portSetting, workersSetting } from '../../resources/openstack/index.ts';

export const settings = z.strictObject({
  port: portSetting(9292),
  workers: workersSetting(2),
  store: z
    .strictObject({
      path: z
        .string()
        .regex(/^\/[A-Za-z0-9._/-]+$/, 'must be an absolute path')
        .default('/var/lib/glance/images')
        .describe('Folder of the images'),
      shared: z
        .boolean()
        .default(false)
        .describe(
          'Whether all control hosts see the same files there (NFS, CephFS); it is refused otherwise',
        ),
    })
    .prefault({})
    .describe('Where images are kept'),
});

export type GlanceSettings = z.infer<typeof settings>;
