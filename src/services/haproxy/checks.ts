import type { Check, Finding } from '../../model/check.ts';
import { type ObservedState, probeOutput, reachable } from '../../model/observed.ts';
import type { Instance, Topology } from '../../model/topology.ts';
import { type Balancer, balancers, balancersOn, unitOf } from './balancers.ts';
import { probeOf } from './probe.ts';
import { type BalancerReply, parseBalancer } from './replies.ts';
import { judgeServing } from './serves.ts';
import type { HaproxySettings } from './settings.ts';

type Instances = readonly Instance<HaproxySettings>[];

/** What must be true of the load balancers, as all of them see it. */
export const haproxyChecks = (instances: Instances, topology: Topology): readonly Check[] => [
  {
    name: 'haproxy.running',
    service: 'haproxy',
    title: 'every load balancer runs and answers on its admin socket',
    judge: (observed) => balancers.flatMap((balancer) => judgeRunning(balancer, instances, observed)),
  },
  {
    name: 'haproxy.servers',
    service: 'haproxy',
    title: 'every listener has all of its servers on every load balancer',
    judge: (observed) =>
      balancers.flatMap((balancer) => judgeServers(balancer, instances, { topology, observed })),
  },
  {
    name: 'haproxy.serves',
    service: 'haproxy',
    title: 'every load balancer passes on what its servers say, whether or not it holds the VIP',
    judge: (observed) =>
      balancers.flatMap((balancer) =>
        judgeServing(balancer, repliesOf(balancer, instances, observed), { topology, observed }),
      ),
  },
  {
    name: 'haproxy.writer',
    service: 'haproxy',
    title: 'all load balancers send SQL to the same writer',
    judge: (observed) => judgeWriters(instances, topology, observed),
  },
  {
    name: 'haproxy.peers',
    service: 'haproxy',
    title: 'the SQL load balancers tell each other who the writer is',
    judge: (observed) => judgePeers(instances, observed),
  },
];

/** What the balancer on each host said; hosts where it does not run, or that did not answer, are left out. */
export function repliesOf(
  balancer: Balancer,
  instances: Instances,
  observed: ObservedState,
): ReadonlyMap<string, BalancerReply> {
  const replies = hostsOf(balancer, instances).flatMap((host): readonly [string, BalancerReply][] => {
    const reply = parseBalancer(probeOutput(observed, host, probeOf(balancer)) ?? '');
    return reply ? [[host, reply]] : [];
  });
  return new Map(replies);
}

const hostsOf = (balancer: Balancer, instances: Instances): readonly string[] =>
  instances.filter(({ host }) => balancersOn(host).includes(balancer)).map(({ host }) => host.name);

function judgeRunning(balancer: Balancer, instances: Instances, observed: ObservedState): readonly Finding[] {
  const hosts = hostsOf(balancer, instances);
  const answering = repliesOf(balancer, instances, observed);
  const silent = hosts
    .filter((host) => !answering.has(host))
    .map((host) => {
      const state = reachable(observed, host)?.units.get(unitOf(balancer))?.activeState;
      const why =
        state === undefined ? 'can not be asked' : state === 'active' ? 'does not answer' : `is ${state}`;
      return { host, why: `${why} on ${host}` };
    });
  const look = `Look at journalctl -u ${balancer.name} there.`;
  if (hosts.length === 0 || silent.length < hosts.length) {
    return silent.map(({ host, why }) => red([host], `${balancer.name} ${why}`, look));
  }
  const everywhere = silent.map(({ why }) => why).join(', ');
  const isYetToCome = hosts.every(
    (host) => reachable(observed, host)?.units.get(unitOf(balancer))?.loadState === 'not-found',
  );
  const finding = red(hosts, `${balancer.name} serves nobody: it ${everywhere}`, look);
  return [isYetToCome ? finding : { ...finding, outage: 'service' }];
}

interface Seen {
  readonly topology: Topology;
  readonly observed: ObservedState;
}

function judgeServers(
  balancer: Balancer,
  instances: Instances,
  { topology, observed }: Seen,
): readonly Finding[] {
  /** The service whose fault it is when a listener misses servers. */
  const listenerOf = (name: string) => topology.listeners.find((each) => each.name === name);
  const behind = (name: string): Pick<Finding, 'service'> => {
    const listener = listenerOf(name);
    return listener === undefined ? {} : { service: listener.service };
  };
  const views = [...repliesOf(balancer, instances, observed)];
  /** Whoever writes has nowhere else to go. */
  const outage = (name: string, seenFrom: number): Pick<Finding, 'outage'> =>
    listenerOf(name)?.kind === 'single-writer' && seenFrom === views.length ? { outage: 'service' } : {};
  const dead = views.flatMap(([host, { listeners }]) =>
    [...listeners].filter(([, up]) => !up).map(([listener]) => ({ host, listener })),
  );
  const servers = views.flatMap(([host, reply]) => reply.servers.map((server) => ({ host, ...server })));
  const down = servers.filter(({ status }) => !/^(UP|no check|MAINT|DRAIN)/.test(status));
  const idle = servers.filter(({ status }) => /^(MAINT|DRAIN)/.test(status));
  return [
    ...grouped(dead, ({ listener }) => listener).map(([listener, seen]) => ({
      ...red(
        seen.map(({ host }) => host),
        `no server behind ${listener} is up, seen from ${hostList(seen)}`,
      ),
      ...behind(listener),
      ...outage(listener, seen.length),
    })),
    ...grouped(down, ({ listener, server }) => `${listener}/${server}`).map(([name, seen]) => ({
      ...red(
        [...new Set(seen.map(({ server }) => server))],
        `${name} is ${seen[0]?.status} (${seen[0]?.lastCheck}), seen from ${hostList(seen)}`,
      ),
      ...behind(seen[0]?.listener ?? ''),
    })),
    ...grouped(idle, ({ listener, server }) => `${listener}/${server}`).map(
      ([name, seen]): Finding => ({
        ...red(
          [...new Set(seen.map(({ server }) => server))],
          `${name} is in maintenance on ${hostList(seen)}`,
        ),
        severity: 'warning',
      }),
    ),
  ];
}

/** A load balancer that no client has come to yet has no writer in its table; it learns it from its peers. */
function judgeWriters(
  instances: Instances,
  { listeners }: Topology,
  observed: ObservedState,
): readonly Finding[] {
  return listeners
    .filter(({ kind }) => kind === 'single-writer')
    .flatMap((listener) => {
      const balancer = balancers.find(({ role }) => role === listener.role);
      if (!balancer) return [];
      const remembered = [...repliesOf(balancer, instances, observed)].flatMap(([host, { writers }]) => {
        const writer = writers.get(listener.name);
        return writer === undefined ? [] : [{ host, writer }];
      });
      const groups = grouped(remembered, ({ writer }) => writer);
      if (groups.length < 2) return [];
      const said = groups.map(([writer, seen]) => `${writer} on ${hostList(seen)}`).join(', ');
      return [
        red(
          remembered.map(({ host }) => host),
          `the load balancers disagree about the writer of ${listener.name}: ${said}`,
          'See whether their peers are connected; "clear table" on the one without the VIP makes it learn again.',
        ),
      ];
    });
}

/** One that does not name this host yet has not been told of it: that is ahead, and no trouble between them. */
function judgePeers(instances: Instances, observed: ObservedState): readonly Finding[] {
  return balancers.flatMap((balancer) => {
    const views = repliesOf(balancer, instances, observed);
    return [...views].flatMap(([host, { peers }]) => {
      const lost = [...peers].filter(
        ([peer, connected]) => !connected && views.get(peer)?.peers.has(host) === true,
      );
      if (lost.length === 0) return [];
      const names = lost.map(([peer]) => peer).join(', ');
      return [red([host], `${balancer.name} on ${host} is not connected to its peer ${names}`)];
    });
  });
}

const red = (hosts: readonly string[], message: string, hint?: string): Finding => ({
  severity: 'red',
  hosts,
  message,
  ...(hint === undefined ? {} : { hint }),
});

const hostList = (seen: readonly { readonly host: string }[]): string =>
  seen.map(({ host }) => host).join(', ');

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): readonly [string, readonly T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups];
}
