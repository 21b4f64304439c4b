import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFleet } from '../../src/transport/index.ts';
import { type Cloud, describeCloud, sessionOver } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import type { Wire } from '../support/wire.ts';
import { wiredCloud } from '../support/wired-cloud.ts';

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
  try {
    await using wired = await wiredCloud(cloud, directory);
    const { wires } = wired;
    await lookOnce(wired.cloud, wires, 0);
    const hosts = [...wires].map(([host, { roundTrips, bytes }]) => ({
      host,
      turns: roundTrips,
      kilobytes: Math.round((bytes['to-host'] + bytes['to-client']) / 1000),
    }));
    const [largest] = hosts.toSorted((a, b) => b.kilobytes - a.kilobytes);
    if (largest === undefined) throw new Error(`no host in ${inventory}`);
    return {
      hosts,
      largest: largest.host,
      byDelay: await tripsByDelay(only(largest.host, wired.cloud), wires),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const only = (name: string, cloud: Cloud): Cloud => ({
  ...cloud,
  topology: { ...cloud.topology, hosts: cloud.topology.hosts.filter((host) => host.name === name) },
});

async function tripsByDelay(cloud: Cloud, wires: ReadonlyMap<string, Wire>): Promise<number> {
  const direct: number[] = [];
  const delayed: number[] = [];
  for (let count = 0; count < delay.observations; count += 1) {
    direct.push(await lookOnce(cloud, wires, 0));
    delayed.push(await lookOnce(cloud, wires, delay.oneWayMilliseconds));
  }
  // The handshake with the wire itself is not delayed, and is one round trip more.
  const trips = 1 + (middle(delayed) - middle(direct)) / (2 * delay.oneWayMilliseconds);
  return Math.round(trips * 10) / 10;
}

/** Milliseconds of one look at all hosts over fresh connections, until those are closed. */
async function lookOnce(
  cloud: Cloud,
  wires: ReadonlyMap<string, Wire>,
  delayMilliseconds: number,
): Promise<number> {
  for (const wire of wires.values()) {
    wire.delayMilliseconds = delayMilliseconds;
    wire.reset();
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
