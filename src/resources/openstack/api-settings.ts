import { z } from 'zod';

/** What an operator may set for any API: where it listens and how many requests it works on at a time. */
export const apiShape = ({ port, processes, threads }: ApiDefaults) => ({
  port: z
    .int()
    .min(1)
    .max(65_535)
    .default(port)
    .describe("Port of the API, on each host's own address and on the VIPs"),
  processes: z
    .int()
    .min(1)
    .max(256)
    .default(processes)
    .describe('Processes of the API on each host; each takes 80 to 150 MB'),
  threads: z.int().min(1).max(256).default(threads).describe('Requests that one process works on at a time'),
});

interface ApiDefaults {
  readonly port: number;
  readonly processes: number;
  readonly threads: number;
}

export interface ApiSettings {
  readonly port: number;
  readonly processes: number;
  readonly threads: number;
}
