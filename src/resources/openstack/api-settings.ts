import { z } from 'zod';

/** Where an API listens: below 1024 none may, as a user of its own. */
export const portSetting = (usual: number) =>
  z
    .int()
    .min(1024)
    .max(65_535)
    .default(usual)
    .describe("Port of the API, on each host's own address and on the VIPs");

/** How many of something an API has on each host. */
export const workersSetting = (usual: number) =>
  z.int().min(1).max(256).default(usual).describe('Processes of it on each host; each takes 80 to 150 MB');

/** What an operator may set for any API under uwsgi. */
export const uwsgiShape = ({ port, processes }: UwsgiDefaults) => ({
  port: portSetting(port),
  processes: workersSetting(processes),
});

interface UwsgiDefaults {
  readonly port: number;
  readonly processes: number;
}

/**
 * For APIs that are made for threads, with `threadLocks`. Those that eventlet patches (Nova, Neutron) are not: a lock that
 * one thread has and another wants ends in "cannot switch to a different thread", and the process answers nothing any more.
 */
export const threadsSetting = (usual: number) =>
  z
    .int()
    .min(1)
    .max(256)
    .default(usual)
    .describe(
      'Requests that one process works on at a time. It computes for one of them at once, so where a host is busy each ' +
        'makes the others late; what has no thread waits at the load balancer for whichever host is free',
    );
