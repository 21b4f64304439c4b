import { type Act, type Fault, type Strike, strikeOn } from '../../model/fault.ts';
import { type Host, networksShared } from '../../model/host.ts';
import type { NetworkName } from '../../model/inventory.ts';
import type { ObservedState } from '../../model/observed.ts';
import { programWith } from '../../model/shell-program.ts';
import type { ResolvedVip, Topology } from '../../model/topology.ts';
import { holdersOf } from '../../resources/index.ts';
import cutFromAllText from './cut-from-all.sh';
import cutFromHostsText from './cut-from-hosts.sh';
import endCutText from './end-cut.sh';

/** Hosts that can hold a VIP, cut off from others by rules on the hosts themselves; ssh to them goes on. */
export const partitionFaults = (topology: Topology): readonly Fault[] =>
  topology.vips.flatMap((vip) => {
    if (vip.role === 'database') return databaseFaults(vip, topology);
    if (vip.role === 'proxy') return betweenCandidates(vip, 'partition-of-proxies');
    return [];
  });

const databaseFaults = (vip: ResolvedVip, topology: Topology): readonly Fault[] => [
  ...betweenCandidates(vip, 'partition-of-two-candidates'),
  fromAll(vip, {
    name: 'partition-from-all',
    title: `the host that holds the ${vip.name} VIP is cut off from all others`,
    direction: 'both',
  }),
  fromAll(vip, {
    name: 'partition-hears-nothing',
    title: `the host that holds the ${vip.name} VIP hears nothing of others, and is heard`,
    direction: 'in',
  }),
  fromAll(vip, {
    name: 'partition-is-not-heard',
    title: `the host that holds the ${vip.name} VIP is heard by nobody, and hears all`,
    direction: 'out',
  }),
  ...twoAgainstOthers(vip, topology),
];

const lastsSeconds = 60;

/**
 * A VIP moves when its holder has not been heard for 0.6 s; one that is heard and hears nobody has to notice that itself,
 * and its watch looks every 0.5 s, three times. A client's SYN that meets the hole is sent again after 1 s. The page waits for the
 * control VIP and for its API behind it. Galera stops writes until a silent member is voted out, and HAProxy then has to
 * see who is left. Only heartbeats tell an AMQP client that its broker has become silent. It may wait a second time: RabbitMQ
 * gives a member up 5 s after nothing was acknowledged any more (TCP_USER_TIMEOUT), and until then a queue with a copy there
 * confirms nothing.
 */
const usual = {
  kind: 'script',
  lastsSeconds,
  budgets: { vip: 3000, page: 5000, sql: 5000, amqp: 20_000 },
  secondBudgetMilliseconds: 8000,
} as const;

function betweenCandidates(vip: ResolvedVip, name: string): readonly Fault[] {
  if (vip.candidates.length < 2) return [];
  return [
    {
      ...usual,
      name,
      title: `the host that holds the ${vip.name} VIP and another that could do not hear each other`,
      strike: (observed) => {
        const [holder, next] = holderAndNext(vip, observed);
        return holder && next && betweenGroups([holder], [next]);
      },
    },
  ];
}

interface Isolation extends Pick<Fault, 'name' | 'title'> {
  readonly direction: 'both' | 'in' | 'out';
}

const fromAll = (vip: ResolvedVip, { direction, ...words }: Isolation): Fault => ({
  ...usual,
  ...words,
  strike: (observed) => {
    const [holder] = holderAndNext(vip, observed);
    return holder && strikeOn(holder.name, cutFromAll(holder, direction));
  },
});

/**
 * Of three members two go on, so the writes do; where the proxies are on the other side, theirs are clients of a database
 * without a majority: nothing can serve the page until it is over, and at most one side may serve anything.
 */
function twoAgainstOthers(vip: ResolvedVip, { vips, hosts }: Topology): readonly Fault[] {
  if (vip.candidates.length !== 3) return [];
  const allOfIt = (lastsSeconds + 20) * 1000;
  const proxies = vips.filter(({ role }) => role === 'proxy');
  return [
    {
      ...usual,
      name: 'partition-two-against-three',
      title: `the host that holds the ${vip.name} VIP and another of the database are cut off from all others`,
      onlyByName: true,
      budgets: { ...usual.budgets, page: allOfIt },
      vipBudgets: Object.fromEntries(proxies.map(({ name }) => [name, allOfIt])),
      strike: (observed) => {
        const two = holderAndNext(vip, observed);
        const others = hosts.filter(({ name }) => !two.some((host) => host.name === name));
        return two.length === 2 ? betweenGroups(two, others) : undefined;
      },
    },
  ];
}

/** Nobody where none or several have the VIP. */
function holderAndNext(vip: ResolvedVip, observed: ObservedState): readonly Host[] {
  const [name, ...more] = holdersOf(vip, observed);
  const holder = vip.candidates.find((host) => host.name === name);
  const next = vip.candidates.find((host) => host.name !== name);
  return holder === undefined || more.length > 0 ? [] : [holder, ...(next ? [next] : [])];
}

/** Both ends drop: what one sends to all would reach the others before it is known to whom it goes. */
const betweenGroups = (one: readonly Host[], other: readonly Host[]): Strike => ({
  falls: 'at-once',
  blows: [
    ...one.map((host) => ({ host: host.name, act: cutFrom(host, other) })),
    ...other.map((host) => ({ host: host.name, act: cutFrom(host, one) })),
  ],
});

/** Residue of a drill is looked for by this name. */
const table = 'mcp_drill';

const cutFrom = (host: Host, others: readonly Host[]): Act =>
  cut(
    programWith(cutFromHostsText, {
      values: { table },
      words: distinct(
        others.flatMap((other) =>
          networksShared(host, other).map(
            (network) => `${host.interfaces[network]}=${other.addresses[network]}`,
          ),
        ),
      ),
    }),
  );

const cutFromAll = (host: Host, direction: Isolation['direction']): Act =>
  cut(
    programWith(cutFromAllText, {
      values: { table, direction },
      words: distinct(networks.map((network) => host.interfaces[network])),
    }),
  );

const cut = (script: string): Act => ({
  kind: 'script',
  break: script,
  heal: programWith(endCutText, { values: { table } }),
});

const networks: readonly NetworkName[] = ['management', 'internal', 'public', 'replication'];

const distinct = (words: readonly string[]): readonly string[] => [...new Set(words)];
