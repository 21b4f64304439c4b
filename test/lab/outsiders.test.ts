import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeLab, type LabDescription } from '../../src/lab/description.ts';
import { inside, makeNetwork, removeNetwork } from '../../src/lab/network.ts';
import { endOutsiders, placeOutsiders } from '../../src/lab/outsiders.ts';
import { aLabInventory } from '../lab-unit/support.ts';
import { command } from './support/mcp.ts';
import { askDatagram, listen, probeTls, scanPorts } from './support/outsider.ts';

// A network without hosts, in seconds: what `lab up` and `lab down` do for outsiders, and whether theirs are good eyes:
// what they would miss here they would miss in a cloud.
const name = 'mcp-outsiders';
const described = aLabInventory([]).lab;
const labWith = (outsiders: Readonly<Record<string, string>>): LabDescription =>
  describeLab(aLabInventory([], { lab: described && { ...described, name, outsiders } }));
const two = labWith({ out01: '10.77.0.66', out02: '10.77.0.67' });
const attacker = { namespace: `${name}.out01`, address: '10.77.0.66' };
const victim = { namespace: `${name}.out02`, address: '10.77.0.67' };
const controller = '10.77.0.1';

const takeDown = async () => {
  await endOutsiders(two);
  await removeNetwork(two);
};
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-outsiders-'));
  await takeDown();
  await makeNetwork(two);
  await placeOutsiders(two);
});
afterAll(async () => {
  await takeDown();
  await rm(folder, { recursive: true });
});

test('a scan finds every open port, and tells one that refuses from one that says nothing', async () => {
  await onVictim('nft', 'add table inet t; add chain inet t c { type filter hook input priority 0; }');
  await onVictim('nft', 'add rule inet t c tcp dport { 7, 4000-4002 } drop');
  await using _server = await serving('python3', '-c', listening([1, 22, 4002, 40_000, 65_535]));
  const seen = await scanPorts(attacker, [victim.address, controller]);
  expect(seen[victim.address]).toEqual({ open: [1, 22, 40_000, 65_535], silent: 4 });
  expect(seen[controller]).toEqual({ open: [], silent: 0 });
});

test('a port that speaks old TLS with weak suites is told as such', async () => {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=weak.lab', '-days', '2'];
  const named = ['-addext', 'subjectAltName=DNS:weak.lab', '-keyout', key, '-out', certificate];
  await command('openssl', [...words, ...named]);
  const files = ['-quiet', '-key', key, '-cert', certificate];
  const all = ['-cipher', 'ALL:eNULL:aNULL:@SECLEVEL=0'];
  const few = ['-no_tls1', '-no_tls1_1', '-cipher', 'ECDHE-RSA-AES128-GCM-SHA256'];
  await using _weak = await serving('openssl', 's_server', '-accept', '4433', ...files, ...all);
  await using _sound = await serving('openssl', 's_server', '-accept', '4434', ...files, ...few);
  const places = [4433, 4434].map((port) => `${victim.address}:${port}`);
  const spoken = await probeTls(attacker, { authority: certificate, hostname: 'weak.lab', places });
  const [weak, sound] = places.map((place) => spoken[place]);
  // NULL with MD5, without forward secrecy, anonymous, CBC with SHA-1.
  const worst = ['0001', '002F', '0034', 'C014'];
  for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2'])
    expect(weak?.agreed[version], version).toEqual(expect.arrayContaining(worst));
  expect(sound).toEqual({
    verified: ['TLSv1.2', 'TLSv1.3'],
    agreed: {
      ...{ SSLv3: [], TLSv1: [], 'TLSv1.1': [] },
      ...{ 'TLSv1.2': ['C02F'], 'TLSv1.3': ['1301', '1302', '1303'] },
    },
  });
});

test('a datagram is answered, refused or met with silence', async () => {
  const echo = `
import socket
mute = socket.socket(type=socket.SOCK_DGRAM); mute.bind(("0.0.0.0", 5001))
wire = socket.socket(type=socket.SOCK_DGRAM); wire.bind(("0.0.0.0", 5000))
print(flush=True)
while True:
    data, sender = wire.recvfrom(99); wire.sendto(data, (sender[0], 5000))`;
  await using _server = await serving('python3', '-c', echo);
  const places = [5000, 5001, 5002].map((port) => `${victim.address}:${port}`);
  const answers = await askDatagram(attacker, Buffer.from('hello'), places);
  expect(Object.values(answers)).toEqual([Buffer.from('hello').toString('hex'), 'silence', 'unreachable']);
});

test('what others say to each other is heard on the switch, and not on a port of it', async () => {
  await using _server = await serving('python3', '-c', listening([8000]));
  const onSwitch = await listen({ namespace: name, card: 'br0', ports: [8000] });
  const onPort = await listen({ namespace: attacker.namespace, card: 'eth0', ports: [8000] });
  const other = { namespace: `${name}.out03`, address: '10.77.0.68' };
  await placeOutsiders(labWith({ out03: other.address }));
  const say = `import socket; socket.create_connection(("${victim.address}", 8000)).sendall(b"overheard")`;
  await command('nsenter', [network(other.namespace), 'python3', '-c', say]);
  const [heard, missed] = [await onSwitch.finish(), await onPort.finish()];
  expect(heard.map(({ from, to, payload }) => [from.split(':')[0], to, payload.toString()])).toEqual([
    [other.address, `${victim.address}:8000`, 'overheard'],
  ]);
  expect(missed).toEqual([]);
});

test('an outsider whose cable ends in a network that was left behind gets a new one', async () => {
  // For as long as somebody is in it, a network is there without its name.
  const lingering = spawn('nsenter', [network(name), 'sleep', '60'], { stdio: 'ignore' });
  await command('nsenter', [network(name), 'true']);
  await command('ip', ['netns', 'del', name]);
  await makeNetwork(two);
  await placeOutsiders(two);
  await using _server = await serving('python3', '-c', listening([8000]));
  const say = `import socket; socket.create_connection(("${victim.address}", 8000), 5)`;
  const reached = await command('nsenter', [network(attacker.namespace), 'python3', '-c', say]);
  lingering.kill();
  expect(reached.exitCode, reached.output).toBe(0);
});

test('what is there already stays as it is when the lab is brought up again', async () => {
  const before = await cards();
  await placeOutsiders(two);
  expect(await cards()).toEqual(before);
  expect(before).toContain('out01.0');
});

test('a lab that is taken down leaves none, not even one that its inventory no longer names', async () => {
  const isThere = () => [attacker, victim].map(({ namespace }) => existsSync(`/run/netns/${namespace}`));
  expect(isThere()).toEqual([true, true]);
  await endOutsiders(labWith({}));
  expect(isThere()).toEqual([false, false]);
  expect(await cards()).toBe('');
});

const network = (namespace: string): string => `--net=/run/netns/${namespace}`;

const onVictim = (program: string, ...words: readonly string[]) =>
  command('nsenter', [network(victim.namespace), program, ...words]);

/** A program on the victim that has said its first line, or that openssl listens; it ends with its scope. */
async function serving(program: string, ...words: readonly string[]): Promise<AsyncDisposable> {
  const child = spawn('nsenter', [network(victim.namespace), program, ...words], {
    // openssl says of each client that it turned it away.
    stdio: ['ignore', 'pipe', program === 'openssl' ? 'ignore' : 'inherit'],
  });
  if (program === 'openssl') await untilListening(words[words.indexOf('-accept') + 1] ?? '');
  else await once(child.stdout, 'data');
  return {
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'close');
    },
  };
}

async function untilListening(port: string): Promise<void> {
  const until = Date.now() + 10_000;
  while (Date.now() < until) {
    if ((await onVictim('ss', '-Hltn', `sport = :${port}`)).stdout !== '') return;
  }
  throw new Error(`nobody listens on ${port}`);
}

const listening = (ports: readonly number[]): string => `
import socket, time
servers = [socket.create_server(("0.0.0.0", port)) for port in ${JSON.stringify(ports)}]
print(flush=True)
time.sleep(600)`;

/** The switch's ports, with the numbers that the kernel gave them. */
const cards = async (): Promise<string> => {
  const [program = '', ...words] = [...inside(two), 'ip', '-o', 'link', 'show', 'type', 'veth'];
  return (await command(program, words)).stdout.replaceAll(/ state .*$/gm, '');
};
