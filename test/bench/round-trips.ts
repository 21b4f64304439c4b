import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFleet } from '../../src/transport/index.ts';
import { type Cloud, describeCloud, sessionOver } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { type Relay, startRelay } from './relay.ts';

/** Network round trips of the look at one host that a plan with nothing to do takes. */
export interface RoundTrips {
  readonly host: string;
  /** How often the ends took turns on the wire, the handshake included. */
  readonly turns: number;
  readonly kilobytes: number;
}

export interface CountedRoundTrips {
  readonly hosts: readonly RoundTrips[];
  readonly largest: string;
  /**
   * What a delay of the wire adds to the look at the largest host, divided by that delay: the trips that wait for each
   * other. Alone, since hosts that share a machine's processors also wait for each other's turn.
   */
  readonly byDelay: number;
}

const delay = { oneWayMilliseconds: 100, observations: 5 };

/** Sends the program's own look through wires that count and, for the second way, which knows nothing of the first, delay. */
export async function countRoundTrips(inventory: string): Promise<CountedRoundTrips> {
  const cloud = await describeCloud((await loadTopology(inventory)).topology);
  const directory = await mkdtemp(join(tmpdir(), 'mcp-bench-'));
  const relays = new Map<string, Relay>();
  try {
    for (const { name, addresses } of cloud.topology.hosts) {
      relays.set(name, await startRelay(addresses.management));
    }
    const wired = await throughRelays(cloud, relays, join(directory, 'known_hosts'));
    await lookOnce(wired, relays, 0);
    const hosts = [...relays].map(([host, { roundTrips, bytes }]) => ({
      host,
      turns: roundTrips,
      kilobytes: Math.round(bytes / 1000),
    }));
    const [largest] = hosts.toSorted((a, b) => b.kilobytes - a.kilobytes);
    if (largest === undefined) throw new Error(`no host in ${inventory}`);
    return { hosts, largest: largest.host, byDelay: await tripsByDelay(only(largest.host, wired), relays) };
  } finally {
    for (const relay of relays.values()) await relay[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The same cloud, its hosts reached through the relays, under the keys that are pinned for them. */
async function throughRelays(
  cloud: Cloud,
  relays: ReadonlyMap<string, Relay>,
  knownHosts: string,
): Promise<Cloud> {
  const lines = await Promise.all(
    cloud.topology.hosts.map(async ({ name, addresses, ssh }) => {
      const pinned = (await readFile(ssh.knownHosts, 'utf8')).split('\n');
      return pinned
        .filter((line) => line.split(' ')[0] === addresses.management)
        .map((line) => line.replace(/^\S+/, `[127.0.0.1]:${relays.get(name)?.port}`));
    }),
  );
  await writeFile(knownHosts, `${lines.flat().join('\n')}\n`, { mode: 0o600 });
  const hosts = cloud.topology.hosts.map((host) => ({
    ...host,
    addresses: { ...host.addresses, management: '127.0.0.1' },
    ssh: { ...host.ssh, port: relays.get(host.name)?.port ?? 0, knownHosts },
  }));
  return { ...cloud, topology: { ...cloud.topology, hosts } };
}

const only = (name: string, cloud: Cloud): Cloud => ({
  ...cloud,
  topology: { ...cloud.topology, hosts: cloud.topology.hosts.filter((host) => host.name === name) },
});

async function tripsByDelay(cloud: Cloud, relays: ReadonlyMap<string, Relay>): Promise<number> {
  const direct: number[] = [];
  const delayed: number[] = [];
  for (let count = 0; count < delay.observations; count += 1) {
    direct.push(await lookOnce(cloud, relays, 0));
    delayed.push(await lookOnce(cloud, relays, delay.oneWayMilliseconds));
  }
  // The handshake with the relay itself is not delayed, and is one round trip more.
  const trips = 1 + (middle(delayed) - middle(direct)) / (2 * delay.oneWayMilliseconds);
  return Math.round(trips * 10) / 10;
}

/** Milliseconds of one look at all hosts over fresh connections, until those are closed. */
async function lookOnce(
  cloud: Cloud,
  relays: ReadonlyMap<string, Relay>,
  delayMilliseconds: number,
): Promise<number> {
  for (const relay of relays.values()) {
    relay.delayMilliseconds = delayMilliseconds;
    relay.reset();
  }
  const begun = performance.now();
  const fleet = createFleet(cloud.topology.hosts);
  const observed = await sessionOver(cloud, fleet)
    .observe('state')
    .finally(() => fleet[Symbol.asyncDispose]());
  const took = performance.now() - begun;
  for (const observation of observed.hosts.values()) {
    if (observation.kind === 'unreachable') throw observation.failure;
  }
  return took;
}

export const middle = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
