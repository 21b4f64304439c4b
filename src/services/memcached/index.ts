import type { Finding, StatusSection } from '../../model/check.ts';
import type { Host } from '../../model/host.ts';
import { type ObservedState, reachable } from '../../model/observed.ts';
import { defineService } from '../../model/service.ts';
import type { Instance } from '../../model/topology.ts';
import { listenAddress, port } from './layout.ts';
import { leaveSteps } from './leave.ts';
import { cacheOn, memcachedProbe } from './probe.ts';
import { memcachedResources } from './resources.ts';
import { type MemcachedSettings, memcachedSettings } from './settings.ts';

/** The cache of tokens and sessions. Clients know all of them; what one forgets is computed again. */
export const memcached = defineService<MemcachedSettings>({
  name: 'memcached',
  title: 'Memcached',
  roles: ['control'],
  after: ['host'],
  settings: memcachedSettings,
  perMachine: ['memoryMegabytes', 'maxConnections'],
  rolling: { first: 'together', later: 'one-by-one' },
  quorum: 'one',
  sockets: ({ host }, { hosts }) => [
    {
      host: host.name,
      service: 'memcached',
      address: listenAddress(host),
      port,
      protocol: 'tcp',
      purpose: 'cache of tokens and sessions',
      from: clientsIn(hosts),
    },
  ],
  caches: (instances) =>
    instances.map(({ host }) => ({ host: host.name, address: listenAddress(host), port })),
  resources: (instance, _topology, render) => memcachedResources(instance, render),
  probes: ({ host }) => [memcachedProbe(host)],
  checks: (instances) => [
    {
      name: 'memcached.answers',
      service: 'memcached',
      title: 'every Memcached answers',
      judge: (observed) => instances.flatMap(({ host }) => judgeCache(host.name, observed)),
    },
  ],
  leave: leaveSteps,
  status: statusOf,
});

/**
 * Hosts with APIs and with the dashboard. It has no login, and what the dashboard reads from it (sessions, pickled) it trusts:
 * a database or a broker has no business here.
 */
const clientsIn = (hosts: readonly Host[]): readonly string[] => [
  ...new Set(
    hosts
      .filter(({ roles }) => roles.includes('control') || roles.includes('proxy'))
      .flatMap(({ addresses }) => Object.values(addresses)),
  ),
];

function judgeCache(host: string, observed: ObservedState): readonly Finding[] {
  const red = (message: string): readonly Finding[] => [{ severity: 'red', hosts: [host], message }];
  if (!reachable(observed, host)) return red('the host does not answer');
  const cache = cacheOn(observed, host);
  if (cache?.version !== undefined) return [];
  return red(cache?.installed === false ? 'Memcached is not installed' : 'Memcached does not answer');
}

function statusOf(
  instances: readonly Instance<MemcachedSettings>[],
  _topology: unknown,
  observed: ObservedState,
): readonly StatusSection[] {
  const rows = instances.map(({ host }) => {
    const cache = cacheOn(observed, host.name);
    if (cache?.version === undefined) return [host.name, 'no answer', '', ''];
    const used = `${inMegabytes(cache.bytes)} of ${inMegabytes(cache.limitBytes)} MiB`;
    return [host.name, cache.version, String(cache.connections), used];
  });
  return [{ title: 'Memcached', columns: ['host', 'version', 'connections', 'memory'], rows }];
}

const inMegabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
