import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFleet } from '../../src/transport/index.ts';
import type { Cloud } from '../../src/workflows/cloud.ts';
import { shellServer } from '../support/ssh-server.ts';
import { aTopology } from '../support/topology.ts';
import { type Harm, startWire } from '../support/wire.ts';
import { wiredCloud } from '../support/wired-cloud.ts';

/** What the far end of a wire has heard, chunk by chunk, and of how a connection ended. */
async function listening(harm: Harm) {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on('data', (chunk) => heard.push(chunk.toString()));
    socket.on('end', () => heard.push('end'));
    socket.on('error', () => heard.push('error'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const wire = await startWire('127.0.0.1', { port: (server.address() as AddressInfo).port });
  wire.arm({ harm, direction: 'to-host', at: 3 });
  const say = async (words: string) => {
    const socket = connect({ host: '127.0.0.1', port: wire.port });
    socket.on('error', () => undefined);
    socket.write(words);
    await expect.poll(() => heard.join('')).toContain(words.slice(0, 3));
    return socket;
  };
  return {
    ...{ heard, wire, say },
    async [Symbol.asyncDispose]() {
      await wire[Symbol.asyncDispose]();
      server.close();
    },
  };
}

test.each([
  // Of 150 resets Node told one as an end.
  ['reset', 'error', 2],
  ['close', 'end', 3],
] as const)(
  'a wire with %s hands on what came before that byte, and nothing after it',
  async (kind, usual, fewest) => {
    const ends: (string | undefined)[] = [];
    for (let round = 0; round < 3; round += 1) {
      await using far = await listening({ kind });
      await far.say('abcdef');
      await expect.poll(() => far.heard).toEqual(['abc', expect.stringMatching(/^(end|error)$/)]);
      ends.push(far.heard[1]);
      await far.say('anew');
      expect(far.heard).toEqual(['abc', ends.at(-1), 'anew']);
    }
    expect(ends.filter((end) => end === usual).length).toBeGreaterThanOrEqual(fewest);
  },
);

test('of a half-open connection nothing arrives any more and nobody is told, and a new one works', async () => {
  await using far = await listening({ kind: 'half-open' });
  const socket = await far.say('abcdef');
  socket.end('more');
  await far.say('anew');
  expect(far.heard).toEqual(['abc', 'anew']);
  expect(socket.readableEnded).toBe(false);
});

test('what has stalled arrives whole when it goes on', async () => {
  await using far = await listening({ kind: 'stall', milliseconds: 300 });
  await far.say('abcdef');
  await sleep(100);
  expect(far.heard).toEqual(['abc']);
  await expect.poll(() => far.heard.join('')).toBe('abcdef');
});

test('byte by byte all arrives in small pieces', async () => {
  await using far = await listening({ kind: 'byte-by-byte' });
  const words = 'abcdef'.repeat(100);
  await far.say(words);
  await expect.poll(() => far.heard.join('')).toBe(words);
  // The kernel joins what comes while nobody reads.
  expect(far.heard.length).toBeGreaterThan(50);
});

test('each host of a cloud is reached through a wire of its own, under the key that is pinned for it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-ssh-'));
  await using server = await shellServer({ folder, environment: { PATH: process.env['PATH'] ?? '' } });
  const topology = aTopology({ hosts: [server.host()] });
  const cloud: Cloud = { topology, services: [], desired: { hosts: new Map() }, checks: [] };
  await using wired = await wiredCloud(cloud, folder);
  await using fleet = createFleet(wired.cloud.topology.hosts, { agentSocket: undefined });
  const connection = await fleet.connect('ctl01');
  expect((await connection.run('echo well')).stdout).toBe('well\n');
  expect(wired.wires.get('ctl01')?.roundTrips).toBeGreaterThan(5);
});
