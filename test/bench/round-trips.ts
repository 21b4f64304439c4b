import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFleet } from '../../src/transport/index.ts';
import { type Cloud, describeCloud, sessionOver } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import type { Wire } from '../support/wire.ts';
import { wiredCloud } from '../support/wired-cloud.ts';

/** Network round trips of one observation of one host, counted in two ways that know nothing of each other. */
export interface RoundTrips {
  readonly host: string;
  /** How often the ends took turns on the wire, the handshake included. */
  readonly turns: number;
  readonly kilobytes: number;
}

export interface CountedRoundTrips {
  readonly hosts: readonly RoundTrips[];
  /** What a delay of the wire adds to the whole observation, divided by that delay: the trips that wait for each other. */
  readonly byDelay: number;
}

const delay = { oneWayMilliseconds: 100, observations: 5 };

/** Sends the program's own observation through wires that count and, for the second way, delay. */
export async function countRoundTrips(inventory: string): Promise<CountedRoundTrips> {
  const cloud = await describeCloud((await loadTopology(inventory)).topology);
  const directory = await mkdtemp(join(tmpdir(), 'mcp-bench-'));
  try {
    await using wired = await wiredCloud(cloud, directory);
    const { wires } = wired;
    const direct: number[] = [];
    const delayed: number[] = [];
    for (let count = 0; count < delay.observations; count += 1) {
      direct.push(await observeOnce(wired.cloud, wires, 0));
      delayed.push(await observeOnce(wired.cloud, wires, delay.oneWayMilliseconds));
    }
    // The handshake with the wire itself is not delayed, and is one round trip more.
    const byDelay = 1 + (middle(delayed) - middle(direct)) / (2 * delay.oneWayMilliseconds);
    const hosts = [...wires].map(([host, { roundTrips, bytes }]) => ({
      host,
      turns: roundTrips,
      kilobytes: Math.round((bytes['to-host'] + bytes['to-client']) / 1000),
    }));
    return { hosts, byDelay: Math.round(byDelay * 10) / 10 };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Milliseconds of one observation of all hosts over fresh connections. */
async function observeOnce(
  cloud: Cloud,
  wires: ReadonlyMap<string, Wire>,
  delayMilliseconds: number,
): Promise<number> {
  for (const wire of wires.values()) {
    wire.delayMilliseconds = delayMilliseconds;
    wire.reset();
  }
  await using fleet = createFleet(cloud.topology.hosts);
  const begun = performance.now();
  const observed = await sessionOver(cloud, fleet).observe('everything');
  const took = performance.now() - begun;
  for (const observation of observed.hosts.values()) {
    if (observation.kind === 'unreachable') throw observation.failure;
  }
  return took;
}

export const middle = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
