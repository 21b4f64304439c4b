import { z } from 'zod';

/** Where an API listens. */
export const portSetting = (usual: number) =>
  z
    .int()
    .min(1)
    .max(65_535)
    .default(usual)
    .describe("Port of the API, on each host's own address and on the VIPs");

/** How many of something an API has on each host. */
export const workersSetting = (usual: number) =>
  z.int().min(1).max(256).default(usual).describe('Processes of it on each host; each takes 80 to 150 MB');

/** What an operator may set for any API under uwsgi. */
export const uwsgiShape = ({ port, processes, threads }: UwsgiDefaults) => ({
  port: portSetting(port),
  processes: workersSetting(processes),
  threads: z.int().min(1).max(256).default(threads).describe('Requests that one process works on at a time'),
});

interface UwsgiDefaults {
  readonly port: number;
  readonly processes: number;
  readonly threads: number;
}
