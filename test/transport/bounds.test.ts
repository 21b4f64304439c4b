import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { observeHosts } from '../../src/execute/index.ts';
import { connectionOver } from '../../src/transport/connection.ts';
import { createFleet, localFleet } from '../../src/transport/index.ts';
import { hostNamed } from '../support/topology.ts';

const fleetHere = () => localFleet({ environment: { PATH: process.env['PATH'] ?? '' } });

test('a host that sends hundreds of megabytes is given up after sixteen, by name and with what it was asked', async () => {
  await using fleet = fleetHere();
  const connection = await fleet.connect('here');
  const before = process.memoryUsage().rss;
  const flood = connection.run('head -c 560000000 /dev/zero', { title: 'look at the host' });
  await expect(flood).rejects.toMatchObject({
    code: 'reply-too-long',
    message: 'here said more than 16 MB, asked to look at the host',
    details: {
      host: 'here',
      command: 'look at the host on here',
      hint: expect.stringContaining('try again'),
    },
  });
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
});

test('a host that never stops talking is given up, whichever way it talks, and others can be asked meanwhile', async () => {
  await using fleet = fleetHere();
  const connection = await fleet.connect('here');
  await expect(connection.run('yes >&2')).rejects.toMatchObject({ code: 'reply-too-long' });
  await expect(connection.hold('tr "\\n" x </dev/zero')).rejects.toMatchObject({ code: 'reply-too-long' });
  expect((await connection.run('echo well')).stdout).toBe('well\n');
});

test('a host that floods an observation is unreachable, and nothing else is concluded about it', async () => {
  await using fleet = localFleet({
    environment: { PATH: process.env['PATH'] ?? '' },
  });
  const flooding = async (host: string) => {
    const connection = await fleet.connect(host);
    return { ...connection, run: () => connection.run('yes', { title: 'look at itself' }) };
  };
  const observed = await observeHosts({
    ...{ desired: { hosts: new Map() }, hosts: ['ctl01'], depth: 'state', now: Date.now },
    connect: flooding,
  });
  expect(observed.hosts.get('ctl01')).toMatchObject({
    kind: 'unreachable',
    failure: { code: 'reply-too-long' },
  });
});

test('a held script that says nothing is given up in time, and on Ctrl-C at once', async () => {
  await using fleet = fleetHere();
  const connection = await fleet.connect('here');
  const silent = connection.hold('sleep 60', { timeoutSeconds: -14.9 });
  await expect(silent).rejects.toMatchObject({ code: 'connection-lost' });
  const interrupted = connection.hold('sleep 60', { signal: AbortSignal.timeout(50) });
  await expect(interrupted).rejects.toMatchObject({ code: 'interrupted' });
});

test('a host that starts no shell keeps nobody from leaving, and a shell that comes too late is let go', async () => {
  let arrive: () => void = () => undefined;
  let letGo = false;
  const late = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const connection = connectionOver({
    host: 'here',
    async startShell() {
      await late;
      const stream = () => new PassThrough();
      const ended = new Promise<undefined>(() => undefined);
      const abandon = () => {
        letGo = true;
      };
      return { stdin: stream(), stdout: stream(), stderr: stream(), ended, abandon };
    },
    close: async () => undefined,
  });
  const running = connection.run('true', { signal: AbortSignal.timeout(50) });
  await expect(running).rejects.toMatchObject({ code: 'interrupted' });
  arrive();
  await expect.poll(() => letGo).toBe(true);
});

test('nobody waits on Ctrl-C for a host that takes a connection and says nothing', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const host = hostNamed('ctl01', { address: '127.0.0.1', roles: ['control'] });
  await using fleet = createFleet([{ ...host, ssh: { ...host.ssh, port } }], { agentSocket: undefined });
  await expect(fleet.connect('ctl01', AbortSignal.timeout(100))).rejects.toMatchObject({
    code: 'interrupted',
  });
  server.close();
});

test('who leaves does not wait for a host that takes a connection and says nothing', async () => {
  const gone: Promise<void>[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined).resume();
    gone.push(new Promise((resolve) => socket.on('close', () => resolve())));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const host = hostNamed('ctl01', { address: '127.0.0.1', roles: ['control'] });
  const fleet = createFleet([{ ...host, ssh: { ...host.ssh, port } }], { agentSocket: undefined });
  fleet.connectAhead(['ctl01']);
  await expect.poll(() => gone.length).toBe(1);
  const began = performance.now();
  await fleet[Symbol.asyncDispose]();
  await Promise.all(gone);
  expect(performance.now() - began).toBeLessThan(5000);
  server.close();
});

test('a host that does not keep its own deadline is given up fifteen seconds after it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    let settle: (code: undefined) => void = () => undefined;
    const ended = new Promise<undefined>((resolve) => {
      settle = resolve;
    });
    const stream = () => new PassThrough();
    const connection = connectionOver({
      host: 'here',
      startShell: async () => ({
        ...{ stdin: stream(), stdout: stream(), stderr: stream(), ended },
        abandon: () => settle(undefined),
      }),
      close: async () => undefined,
    });
    let outcome: unknown = 'waiting';
    const running = connection.run('true', { timeoutSeconds: 10 }).catch((failure: unknown) => {
      outcome = failure;
    });
    await vi.advanceTimersByTimeAsync(24_900);
    expect(outcome).toBe('waiting');
    await vi.advanceTimersByTimeAsync(200);
    await running;
    expect(outcome).toMatchObject({ code: 'connection-lost' });
  } finally {
    vi.useRealTimers();
  }
});
