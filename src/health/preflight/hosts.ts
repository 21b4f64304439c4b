import type { Check, Finding } from '../../model/check.ts';
import type { Host } from '../../model/host.ts';
import type { ReachableHost } from '../../model/observed.ts';
import { reachable } from '../../model/observed.ts';
import type { Topology } from '../../model/topology.ts';

/** Reached over ssh with a verified key, and root there. */
export const everyHostAnswers = (topology: Topology): Check => ({
  name: 'preflight.reachable',
  service: 'host',
  title: 'every host answers ssh with its known key and lets us be root',
  judge: (observed) =>
    topology.hosts.flatMap(({ name }) => {
      const observation = observed.hosts.get(name);
      if (observation?.kind === 'reachable') return [];
      const { message, details } = observation?.failure ?? { message: `${name} was not asked`, details: {} };
      return [red(name, message, details.hint ?? 'check the address, the network and sshd')];
    }),
});

/** Milliseconds. Galera and RabbitMQ do not need more, but tokens, certificates and logs that are compared do. */
const largestSkew = 500;

/** Judged against the median of the hosts, so that a controller whose own clock is wrong fails nobody. */
export const clocksAgree = (topology: Topology): Check => ({
  name: 'preflight.clock',
  service: 'host',
  title: `clocks agree within ${largestSkew} ms`,
  judge: (observed) => {
    const hosts = topology.hosts.flatMap(({ name }) => reachable(observed, name) ?? []);
    const middle = median(hosts.map(({ clockSkewMilliseconds }) => clockSkewMilliseconds));
    return hosts.flatMap(({ host, clockSkewMilliseconds, clockUncertaintyMilliseconds }) => {
      const skew = Math.round(clockSkewMilliseconds - middle);
      if (Math.abs(skew) - clockUncertaintyMilliseconds <= largestSkew) return [];
      return [
        red(
          host,
          `clock is ${skew} ms away from the other hosts'`,
          'synchronise it: `chronyc makestep`, then look at its time servers',
        ),
      ];
    });
  },
});

/** Every address that the inventory gives a host is configured on it. */
export const addressesAreThere = (topology: Topology): Check =>
  perHost(
    topology,
    'preflight.addresses',
    'every host has the addresses that the inventory gives it',
    (host, { addresses }) =>
      [...new Set(Object.values(host.addresses))]
        .filter((address) => !addresses.includes(address))
        .map((address) =>
          red(
            host.name,
            `does not have the address ${address}`,
            'configure it on the host or correct the inventory',
          ),
        ),
  );

const gibibyte = 1024 ** 3;

/** Packages, a Galera state transfer and five sets of files need room on /var. */
export const diskIsLargeEnough = (topology: Topology): Check =>
  perHost(topology, 'preflight.disk', 'at least 5 GiB are free on /var', (host, { diskFreeBytes }) =>
    diskFreeBytes >= 5 * gibibyte
      ? []
      : [
          red(
            host.name,
            `has ${inGibibytes(diskFreeBytes)} GiB free on /var`,
            'make room: a state transfer on a full disk takes the member down',
          ),
        ],
  );

/** MariaDB's buffer pool, RabbitMQ and HAProxy beside each other, and a pool that is not larger than the host. */
export const memoryIsLargeEnough = (topology: Topology): Check =>
  perHost(
    topology,
    'preflight.memory',
    'at least 2 GiB of memory, and 1 GiB beside what services keep for themselves',
    (host, { memoryTotalBytes }) => {
      const kept = (topology.memory ?? []).filter((each) => each.host === host.name);
      const bytes = kept.reduce((sum, { mebibytes }) => sum + mebibytes * 1024 ** 2, 0);
      const has = `has ${inGibibytes(memoryTotalBytes)} GiB of memory`;
      if (memoryTotalBytes < leastMemory) return [red(host.name, has, 'give it more, or fewer roles')];
      if (memoryTotalBytes - bytes >= leastMemory / 2) return [];
      const keepers = kept.map(({ service }) => service).join(' and ');
      return [
        red(
          host.name,
          `${has}, of which ${keepers} would keep ${inGibibytes(bytes)}`,
          'leave 1 GiB for all else: give the host more, or let them keep less in the inventory',
        ),
      ];
    },
  );

const leastMemory = 2 * gibibyte;

function perHost(
  topology: Topology,
  name: string,
  title: string,
  ...[judge]: [(host: Host, observation: ReachableHost) => readonly Finding[]]
): Check {
  return {
    name,
    service: 'host',
    title,
    judge: (observed) =>
      topology.hosts.flatMap((host) => {
        const observation = reachable(observed, host.name);
        return observation ? judge(host, observation) : [];
      }),
  };
}

/** What makes one host unfit. */
export const red = (host: string, message: string, hint: string): Finding => ({
  severity: 'red',
  hosts: [host],
  message,
  hint,
});

const inGibibytes = (bytes: number): string => (bytes / gibibyte).toFixed(1);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
