import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployedLab } from './support/deployed.ts';
import { onEach } from './support/hosts.ts';
import { command, type LabOf, root } from './support/mcp.ts';
import { openPorts } from './support/open-ports.ts';
import {
  askDatagram,
  claimVip,
  listen,
  type Outsider,
  outsiderOf,
  probeTls,
  scanPorts,
} from './support/outsider.ts';
import { controlSeat, publicSeat } from './support/seat.ts';
import { awaitHealthy } from './support/steady.ts';

// What somebody can do who is in the network of the cloud and has nothing of it: neither a login nor one of its addresses.
const inventory = 'inventories/lab.yaml';
const control = ['10.77.0.11', '10.77.0.12', '10.77.0.13'];
const proxies = ['10.77.0.14', '10.77.0.15'];
const hosts = ['ctl01', 'ctl02', 'ctl03', 'prx01', 'prx02'];
const vips = [
  { vip: '10.77.0.100', routerId: 51, peers: control },
  { vip: '10.77.0.101', routerId: 52, peers: control },
  { vip: '10.77.0.102', routerId: 61, peers: proxies },
];
let lab: LabOf;
let out01: Outsider;

beforeAll(async () => {
  lab = await deployedLab(inventory);
  await awaitHealthy(lab, 180);
  out01 = await outsiderOf(lab, 'out01');
});

// The last that this lab is needed for.
afterAll(async () => {
  await lab.must('lab down');
});

/** sshd listens on all addresses of its host, VIPs too. */
const open: Readonly<Record<string, readonly number[]>> = {
  ...Object.fromEntries(control.map((address) => [address, openPorts['hosts of the broker']])),
  ...Object.fromEntries(proxies.map((address) => [address, []])),
  '10.77.0.100': openPorts['control VIP'],
  '10.77.0.101': openPorts['database VIP'],
  '10.77.0.102': openPorts['public VIP'],
};

test('of half a million ports only those that README lists answer to an outsider, and all others refuse at once', async () => {
  const scanned = await scanPorts(out01, Object.keys(open));
  for (const [address, ports] of Object.entries(open)) {
    const expected = [...openPorts['every host'], ...ports].toSorted((one, other) => one - other);
    expect(scanned[address]?.open, address).toEqual(expected);
  }
  // What says nothing may as well not have been asked: an address that nobody has, say.
  expect(Object.values(scanned).map(({ silent }) => silent)).toEqual(Object.keys(open).map(() => 0));
});

// 128 bits and more, with forward secrecy, authenticated as one with the encryption; those of the key that the VIPs have
// (ECDSA). All others are refused, be they without encryption, anonymous, for export, RC4, 3DES, CBC or RSA key exchange.
const sound = { 'TLSv1.2': ['C02B', 'C02C', 'CCA9'], 'TLSv1.3': ['1301', '1302', '1303'] };
const tlsVips = [
  { seat: controlSeat, ports: openPorts['control VIP'] },
  { seat: publicSeat, ports: openPorts['public VIP'].filter((port) => port !== 80) },
];

test.each(tlsVips)(
  'every TLS port of $seat.hostname speaks TLS 1.2 and 1.3 with sound suites and nothing else',
  async ({ seat: { address, hostname, authority }, ports }) => {
    const places = ports.map((port) => `${address}:${port}`);
    const spoken = await probeTls(out01, { authority, hostname, places });
    expect(Object.keys(spoken)).toEqual(places);
    for (const place of places) {
      expect(spoken[place], place).toEqual({
        verified: ['TLSv1.2', 'TLSv1.3'],
        agreed: { SSLv3: [], TLSv1: [], 'TLSv1.1': [], ...sound },
      });
    }
  },
);

const daemons: Readonly<Record<string, readonly string[]>> = {
  // Time, who holds which VIP, who hears whom of the broker.
  ...Object.fromEntries(control.map((address) => [address, ['123', '9201', '25673']])),
  ...Object.fromEntries(proxies.map((address) => [address, ['9201']])),
};
const places = Object.entries(daemons).flatMap(([address, ports]) =>
  ports.map((port) => `${address}:${port}`),
);
/** A client's question of NTP version 4. */
const askTime = Buffer.from([0x23, ...Array<number>(47).fill(0)]);
const askWhoHolds = Buffer.from('{"asks":true}');

test('no daemon answers a datagram of an outsider, and no other daemon listens for any', async () => {
  const listening = await onEach(
    lab,
    hosts,
    `ss -Hlun | awk '{ print $4 }' | grep -v -e '^127\\.' -e '^\\[::1\\]' | sort`,
  );
  expect(Object.values(listening).join('\n').split('\n').toSorted()).toEqual(places.toSorted());
  for (const question of [askTime, askWhoHolds]) {
    const answers = await askDatagram(out01, question, places);
    expect(answers).toEqual(Object.fromEntries(places.map((place) => [place, 'silence'])));
  }
  // The same question, from a host of the cloud.
  const program = await readFile(join(root, 'test/lab/support/ask-datagram.py'), 'utf8');
  const words = `${askTime.toString('hex')} ${control.map((address) => `${address}:123`).join(' ')}`;
  const answered: unknown[] = Object.values(
    JSON.parse(await lab.on('prx01', `python3 - ${words} <<'E'\n${program}\nE`)),
  );
  expect(answered).toEqual(control.map(() => expect.stringMatching(/^[0-9a-f]{96}$/)));
});

test('an outsider that claims every VIP with the highest priority gets none, and moves none', async () => {
  const holders = () =>
    onEach(
      lab,
      hosts,
      `ip -4 -o addr show | grep -o -e ${vips.map(({ vip }) => `' ${vip}/'`).join(' -e ')}; true`,
    );
  const before = await holders();
  expect(Object.values(before).join('\n').match(/10\S+/g)?.toSorted()).toEqual(
    vips.map(({ vip }) => `${vip}/`),
  );
  const claims = await Promise.all(vips.map((claim) => claimVip(out01, claim)));
  // Several times as long as Keepalived waits for a master that says no more.
  await sleep(3000);
  const meanwhile = await holders();
  const adverts = await Promise.all(claims.map((claim) => claim.finish()));
  expect(meanwhile).toEqual(before);
  for (const sent of adverts) expect(sent).toBeGreaterThan(50);
  expect(await holders()).toEqual(before);
});

test('who hears everything on the switch reads nothing of what goes to a VIP with TLS', async () => {
  const secret = `secret-${Date.now()}`;
  const ports = [80, 5000];
  const onSwitch = await listen({ namespace: publicSeat.namespace, card: 'br0', ports });
  const onPort = await listen({ namespace: out01.namespace, card: 'eth0', ports });
  const client = ['python3', '-c', signingIn(secret)];
  const signedIn = await command('nsenter', [`--net=/run/netns/${publicSeat.namespace}`, ...client]);
  const [heard, missed] = [await onSwitch.finish(), await onPort.finish()];
  const ofVip = (port: number) =>
    heard.filter(({ from, to }) => vips.some(({ vip }) => [from, to].includes(`${vip}:${port}`)));
  expect(signedIn.exitCode, signedIn.output).toBe(0);
  // It was loud enough to be heard.
  expect(ofVip(80).filter(({ payload }) => payload.includes(secret)).length).toBeGreaterThan(0);
  expect(ofVip(5000).filter(({ to }) => to === `${publicSeat.address}:5000`).length).toBeGreaterThan(1);
  expect(ofVip(5000).filter(({ payload }) => payload.includes(secret))).toEqual([]);
  expect(missed.filter(({ payload }) => payload.includes(secret))).toEqual([]);
});

/** A client of the public VIP that says something in the clear, where it is told to use TLS, and once in a password. */
const signingIn = (secret: string): string => `
import http.client, json, socket, ssl
plain = http.client.HTTPConnection("${publicSeat.address}", 80, timeout=10)
plain.request("GET", "/${secret}", headers={"Host": "${publicSeat.hostname}"})
plain.getresponse().read()
context = ssl.create_default_context(cafile="${publicSeat.authority}")
private = http.client.HTTPSConnection("${publicSeat.hostname}", 5000, timeout=10, context=context)
private._create_connection = lambda *_rest: socket.create_connection(("${publicSeat.address}", 5000), 10)
user = {"name": "nobody", "domain": {"id": "default"}, "password": "${secret}"}
body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
private.request("POST", "/v3/auth/tokens", json.dumps(body), {"Content-Type": "application/json"})
assert private.getresponse().status == 401`;
