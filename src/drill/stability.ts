import type { ObservedState } from '../model/observed.ts';
import { reachable } from '../model/observed.ts';
import type { Topology } from '../model/topology.ts';
import type { Connect } from '../model/transport.ts';
import type { TimelineEntry } from './timeline.ts';

/** What must stay as it is while nothing is broken, by a name that a finding can show. */
export type Facts = ReadonlyMap<string, string>;

/** Who holds the VIPs, which view of the group each database member is in, and the process behind each service. */
export async function collectFacts(
  topology: Topology,
  observed: ObservedState,
  connect: Connect,
): Promise<Facts> {
  const told = await Promise.all(topology.hosts.map(({ name }) => tellFacts(name, connect)));
  return new Map([...vipFacts(topology, observed), ...told.flat()]);
}

/** What is not as it was, one sentence each. */
export function differences(before: Facts, after: Facts): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${name} was ${before.get(name) ?? 'not there'} and is ${after.get(name) ?? 'not there'}`);
}

/** What the hosts' journals tell of moves and losses, also of those that were undone again. */
export function disturbances(timeline: readonly TimelineEntry[]): readonly string[] {
  return timeline
    .filter(({ message }) => disturbance.test(message))
    .map(({ at, host, message }) => `${new Date(at).toISOString()} ${host}: ${message}`);
}

const disturbance =
  /Entering (MASTER|BACKUP|FAULT) STATE|rabbit on node .* down|node .rabbit@\S* down|suspecting node/;

function vipFacts(topology: Topology, observed: ObservedState): readonly (readonly [string, string])[] {
  return topology.vips.map(({ name, address }) => {
    const holders = topology.hosts.filter((host) =>
      reachable(observed, host.name)?.addresses.includes(address),
    );
    return [`the holder of the VIP ${name}`, holders.map((host) => host.name).join(' and ')] as const;
  });
}

async function tellFacts(host: string, connect: Connect): Promise<readonly (readonly [string, string])[]> {
  const connection = await connect(host);
  const { stdout } = await connection.run(factsScript, { timeoutSeconds: 30 });
  return stdout.split('\n').flatMap((line) => {
    const [name = '', value = ''] = line.split('\t');
    return value === '' ? [] : [[`${name} on ${host}`, value] as const];
  });
}

/** Transient units and sessions come and go; what is listed here is what a deploy made or Debian runs. */
const factsScript = `
systemctl list-units --type=service --state=running --plain --no-legend |
  grep -Eo '^(mcp-[a-z-]*|haproxy-[a-z]*|keepalived|mariadb|rabbitmq-server|memcached|nginx|chrony)\\.service' |
  grep -v '^mcp-drill' |
  while read -r unit; do
    printf 'the process of %s\\t%s\\n' "$unit" "$(systemctl show --property=MainPID --value "$unit")"
  done
command -v mariadb >/dev/null &&
  mariadb --batch --skip-column-names --execute="SHOW GLOBAL STATUS LIKE 'wsrep_cluster_conf_id'" 2>/dev/null |
  sed 's/^wsrep_cluster_conf_id/the view of the database group/'
exit 0
`;
