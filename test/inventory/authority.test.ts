import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  eachCertificateIn,
  initCertificates,
  initSecrets,
  loadInventory,
  rotateAuthority,
} from '../../src/inventory/index.ts';
import { fakeServices } from '../topology/fake-services.ts';
import { smallInventory } from './small-inventory.ts';

const now = Date.parse('2026-11-28T12:00:00Z');

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-authority-'));
  file = join(folder, 'cloud.yaml');
  await writeFile(file, smallInventory);
  const { secretsFile, secretSpecs } = await load();
  await initSecrets(secretsFile, secretSpecs, []);
  await initCertificates({ ...(await wanted()), renew: 'none' });
});
afterEach(() => rm(folder, { recursive: true }));

const load = () => loadInventory(file, fakeServices, { now });
const errors = async () =>
  (await load()).diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);

async function wanted() {
  const { certificateOwners: owners, certificatesDirectory: directory } = await load();
  return { cloud: 'lab', directory, owners, recipients: [], now };
}
const turn = async () => rotateAuthority(await wanted());

const inFolder = (name: string) => join(folder, 'cloud.certs', name);
const authorities = async () =>
  eachCertificateIn(await readFile(inFolder('ca.crt'), 'utf8')).map((pem) => new X509Certificate(pem));
const vipCertificates = async () => {
  const names = (await readdir(inFolder('.'))).filter((name) => /^vip-.*\.crt$/.test(name));
  return Promise.all(names.map(async (name) => new X509Certificate(await readFile(inFolder(name), 'utf8'))));
};

/** Whether somebody who trusts `trusted` is served by whoever has `served`. */
const isTrusted = (served: readonly X509Certificate[], trusted: readonly X509Certificate[]): boolean =>
  served.length > 0 && served.every((each) => trusted.some(({ publicKey }) => each.verify(publicKey)));

test('in three turns another authority takes over, and whoever is one turn behind is served and trusted', async () => {
  const seen = [{ trusted: await authorities(), served: await vipCertificates() }];
  for (const expected of ['announced', 'signs', 'dropped']) {
    expect(await turn()).toBe(expected);
    expect(await errors()).toEqual([]);
    const now = { trusted: await authorities(), served: await vipCertificates() };
    const before = seen.at(-1) ?? now;
    expect(isTrusted(now.served, before.trusted)).toBe(true);
    expect(isTrusted(before.served, now.trusted)).toBe(true);
    seen.push(now);
  }
  const [first, last] = [seen[0], seen.at(-1)];
  expect([first?.trusted.length, last?.trusted.length]).toEqual([1, 1]);
  expect(isTrusted(last?.served ?? [], first?.trusted ?? [])).toBe(false);
  expect(last?.trusted[0]?.subject).not.toBe(first?.trusted[0]?.subject);
  expect((await readdir(inFolder('.'))).filter((name) => name.startsWith('ca')).toSorted()).toEqual([
    'ca.crt',
    'ca.key',
  ]);
  // And what signs is the one that is trusted: a renewal works, and so does the next rotation.
  await initCertificates({ ...(await wanted()), renew: ['vip-public'] });
  expect(await errors()).toEqual([]);
  expect(await turn()).toBe('announced');
});

test('a turn that was cut off is done by the same command', async () => {
  // The key is there and its certificate is not: nobody has heard of it.
  await writeFile(inFolder('ca-next.key'), await readFile(inFolder('vip-public.key'), 'utf8'), {
    mode: 0o600,
  });
  expect(await turn()).toBe('announced');
  expect(await authorities()).toHaveLength(2);
  // The key is in its place and nothing is signed with it.
  await rename(inFolder('ca-next.key'), inFolder('ca.key'));
  expect(await turn()).toBe('signs');
  expect(isTrusted(await vipCertificates(), (await authorities()).slice(1))).toBe(true);
  expect(await turn()).toBe('dropped');
  expect(await errors()).toEqual([]);
});

test('a renewal between two turns is signed by whoever signs then', async () => {
  await turn();
  await initCertificates({ ...(await wanted()), renew: ['vip-public'] });
  expect(await errors()).toEqual([]);
  expect(await turn()).toBe('signs');
  await initCertificates({ ...(await wanted()), renew: ['vip-public'] });
  expect(await turn()).toBe('dropped');
  expect(await errors()).toEqual([]);
});

test('another anchor beside ours stays, and one that nobody here can sign for is refused', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'mcp-anchor-'));
  const pem = await newAnchor(elsewhere);
  const ours = await readFile(inFolder('ca.crt'), 'utf8');
  await writeFile(inFolder('ca.crt'), `${ours}${pem}`);
  for (const expected of ['announced', 'signs', 'dropped']) expect(await turn()).toBe(expected);
  expect(await readFile(inFolder('ca.crt'), 'utf8')).toContain(pem.trim());
  await writeFile(inFolder('ca.crt'), pem);
  await expect(turn()).rejects.toMatchObject({ code: 'invalid-arguments' });
  await rm(elsewhere, { recursive: true });
});

/** A self-signed certificate that `mcp` did not make. */
async function newAnchor(at: string): Promise<string> {
  const out = join(at, 'anchor.crt');
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const subject = [
    '-subj',
    '/CN=company/O=Example',
    '-days',
    '9',
    '-keyout',
    join(at, 'anchor.key'),
    '-out',
    out,
  ];
  await promisify(execFile)('openssl', [...words, ...subject]);
  return readFile(out, 'utf8');
}

test('an authority of somebody else is not rotated', async () => {
  await rm(inFolder('ca.key'));
  await expect(turn()).rejects.toMatchObject({ code: 'invalid-arguments' });
});
