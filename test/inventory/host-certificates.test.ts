import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { initCertificates, initSecrets, ownerCalled, rotateAuthority } from '../../src/inventory/index.ts';
import type { CertificateOwner } from '../../src/model/certificate.ts';
import { type Encryption, encryptionSetting } from '../../src/model/encryption.ts';
import { McpError } from '../../src/model/failure.ts';
import type { Service } from '../../src/model/service.ts';
import { shownCertificates } from '../../src/workflows/certs.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { issue } from '../support/company.ts';
import { fakeService } from '../topology/fake-services.ts';

const day = 24 * 60 * 60 * 1000;
const now = Date.parse('2026-11-28T12:00:00Z');
const execute = promisify(execFile);

const encryption = (settings: unknown): Encryption =>
  z.object({ encryption: encryptionSetting }).parse(settings).encryption;

const speaking = (wanted: Parameters<typeof fakeService>[0], more: Partial<Service> = {}): Service => ({
  ...fakeService(wanted),
  settings: z.strictObject({
    port: z.int().default(wanted.port).describe('Port.'),
    encryption: encryptionSetting,
  }),
  speaksTls: (settings) => encryption(settings) !== false,
  ...more,
});

/** A store behind a VIP, a broker whose clients verify any member under the first one's address, and what serves the VIP. */
const services: readonly Service[] = [
  speaking({
    ...{ name: 'store', roles: ['database'], port: 3306, secret: 'store.root' },
    listener: { role: 'database', port: 3306 },
  }),
  speaking(
    { name: 'broker', roles: ['messaging'], port: 5672 },
    { certificateNames: (instances) => instances.map(({ host }) => host.addresses.internal) },
  ),
  fakeService({ name: 'balancer', roles: ['database'], port: 1024, front: 'database' }),
];

const machine = (number: number, roles = 'database, messaging'): string =>
  `  ctl0${number}: { rack: r${number}, roles: [${roles}], addresses: { management: 10.77.0.1${number}, replication: 10.78.0.1${number} } }\n`;

const inventoryWith = (settings: string, machines = [1, 2, 3].map((each) => machine(each))): string =>
  `format: 1
cloud: lab
platform: { distribution: debian, release: bookworm }
networks:
  management: { cidr: 10.77.0.0/24, interface: host0 }
  replication: { cidr: 10.78.0.0/24, interface: host1 }
machines:
${machines.join('')}vips:
  sql: { role: database, address: 10.77.0.100, routerId: 51, hostname: sql.lab }
services: { ${settings} }
`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-host-certificates-'));
});
afterEach(() => rm(folder, { recursive: true }));

const file = () => join(folder, 'cloud.yaml');
const inFolder = (name: string): string => join(folder, 'cloud.certs', name);
const load = (at = now) => loadTopology(file(), { services, needs: 'topology', now: at });

async function wanted(at = now) {
  const { loaded } = await load(at);
  const { certificateOwners: owners, certificatesDirectory: directory } = loaded;
  return { cloud: 'lab', owners, directory, recipients: [], now: at };
}

/** The inventory with these settings, and what `secrets init` and `certs init` make for it. */
async function cloudWith(settings: string): Promise<void> {
  await writeFile(file(), inventoryWith(settings));
  const { loaded } = await load();
  await initSecrets(loaded.secretsFile, loaded.secretSpecs, []);
  await initCertificates({ ...(await wanted()), renew: 'none' });
}

const said = async (at = now) =>
  (await load(at)).warnings
    .filter(({ file: where, message }) => where === file() && message.includes('cloud.certs'))
    .map(({ message }) => message.replaceAll(`${folder}/`, ''));

const verified = async (name: string, ...how: readonly string[]): Promise<boolean> => {
  const words = ['verify', '-attime', String(now / 1000), '-CAfile', inFolder('ca.crt'), ...how];
  return execute('openssl', [...words, inFolder(name)]).then(
    () => true,
    () => false,
  );
};

test('whoever speaks TLS, if only beside something else, needs a certificate of its host, and nobody else does', async () => {
  await cloudWith('store: {}');
  expect((await wanted()).owners).toEqual([]);
  for (const setting of ['optional', 'true']) {
    await writeFile(file(), inventoryWith(`store: { encryption: ${setting} }`));
    expect((await wanted()).owners.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'host ctl01',
      'host ctl02',
      'host ctl03',
    ]);
  }
});

test("a host's certificate is for both ends and covers all by which members and clients reach it", async () => {
  await cloudWith('store: { encryption: true }');
  for (const purpose of ['sslserver', 'sslclient']) {
    expect(await verified('host-ctl02.crt', '-purpose', purpose)).toBe(true);
  }
  for (const name of ['ctl02', 'sql.lab']) {
    expect(await verified('host-ctl02.crt', '-verify_hostname', name)).toBe(true);
  }
  for (const address of ['10.77.0.12', '10.78.0.12', '10.77.0.100']) {
    expect(await verified('host-ctl02.crt', '-verify_ip', address)).toBe(true);
  }
  // It is nobody else's.
  expect(await verified('host-ctl02.crt', '-verify_ip', '10.77.0.11')).toBe(false);
});

test('where a host has a Python that goes by the letter, what such an authority leaves out is told before any client meets it', async () => {
  await cloudWith('store: { encryption: true }');
  const root = await issue({ name: 'Company Root', ca: {}, careless: ['no usage'], from: -700, to: 900 });
  for (const { name, needed } of (await wanted()).owners) {
    const names = needed.filter((each) => !/^[0-9.]+$/.test(each));
    const own = await issue({ name, names, by: root, from: -700, to: 900 });
    await writeFile(inFolder(`host-${name}.crt`), own.pem);
    await writeFile(inFolder(`host-${name}.key`), own.key);
  }
  await writeFile(inFolder('ca.crt'), root.pem);
  const strict = 'rests on Company Root, which does not say what its key is for (keyUsage)';
  expect((await said()).filter((line) => line.includes(strict))).toEqual([]);
  await writeFile(file(), (await readFile(file(), 'utf8')).replace('bookworm', 'trixie'));
  expect((await said()).filter((line) => line.includes(strict))).toHaveLength(3);
});

test('a service says by which further names its members are verified; one that comes makes the others renew', async () => {
  await cloudWith('broker: { encryption: true }');
  expect(await verified('host-ctl02.crt', '-verify_ip', '10.77.0.11')).toBe(true);
  expect(await said()).toEqual([]);
  const more = [1, 2, 3]
    .map((each) => machine(each))
    .concat(machine(4, 'messaging'), machine(5, 'messaging'));
  await writeFile(file(), inventoryWith('broker: { encryption: true }', more));
  expect(await said()).toEqual(
    expect.arrayContaining([
      'cloud.certs/host-ctl01.crt does not cover 10.77.0.14',
      'cloud.certs/host-ctl04.crt does not exist yet',
    ]),
  );
  await initCertificates({ ...(await wanted()), renew: 'unfit' });
  expect(await said()).toEqual([]);
});

test('one that is missing, has expired or can be read by others is told where its host stands, with what to do', async () => {
  await writeFile(file(), inventoryWith('store: { encryption: optional }'));
  const [authority] = (await load()).warnings.filter(({ message }) => message.includes('ca.crt'));
  expect(authority).toMatchObject({ hint: 'run `mcp certs init`' });
  await cloudWith('store: { encryption: optional }');
  await rm(inFolder('host-ctl02.crt'));
  const [missing] = (await load()).warnings.filter(({ message }) => message.includes('host-ctl02'));
  expect(missing).toMatchObject({ line: 9, hint: 'run `mcp certs init`' });
  await initCertificates({ ...(await wanted()), renew: 'none' });
  await chmod(inFolder('host-ctl01.key'), 0o640);
  expect(await said()).toEqual(['cloud.certs/host-ctl01.key can be read by others (mode 0640)']);
  const late = (await load(now + 900 * day)).warnings.filter(({ message }) => message.includes('expired'));
  expect(late.map(({ hint }) => hint)).toEqual(
    ['ctl01', 'ctl02', 'ctl03'].map((host) => `run \`mcp certs renew ${host}\``),
  );
});

test("an operator's own certificate is judged as ours is, and has to be for both ends", async () => {
  await cloudWith('store: { encryption: true }');
  const names = 'DNS:ctl01,IP:10.77.0.11,IP:10.78.0.11,IP:10.77.0.100,DNS:sql.lab';
  await ownCertificate(names, 'extendedKeyUsage=serverAuth');
  // OpenSSL signs from today on.
  expect(await said(Date.now())).toEqual(['cloud.certs/host-ctl01.crt is not for clients']);
  await ownCertificate(names, 'extendedKeyUsage=serverAuth,clientAuth');
  expect(await said(Date.now())).toEqual([]);
  await ownCertificate('DNS:ctl01,IP:10.77.0.11', 'keyUsage=digitalSignature');
  expect(await said(Date.now())).toEqual([
    'cloud.certs/host-ctl01.crt does not cover 10.78.0.11',
    'cloud.certs/host-ctl01.crt does not cover sql.lab',
    'cloud.certs/host-ctl01.crt does not cover 10.77.0.100',
  ]);
});

/** Signed elsewhere, by the key of our authority. */
async function ownCertificate(names: string, usage: string): Promise<void> {
  const [key, request, extensions] = ['host-ctl01.key', 'request', 'extensions'].map(inFolder);
  if (key === undefined || request === undefined || extensions === undefined) return;
  await writeFile(extensions, `subjectAltName=${names}\n${usage}\n`);
  await execute('openssl', ['req', '-new', '-key', key, '-subj', '/CN=ctl01', '-out', request]);
  const signing = ['-CA', inFolder('ca.crt'), '-CAkey', inFolder('ca.key'), '-days', '365'];
  await execute('openssl', [
    ...['x509', '-req', '-in', request, ...signing, '-extfile', extensions],
    ...['-out', inFolder('host-ctl01.crt')],
  ]);
}

test("the authority's turns renew the hosts' certificates, too", async () => {
  await cloudWith('store: { encryption: true }');
  const issued = async () => new X509Certificate(await readFile(inFolder('host-ctl03.crt'))).issuer;
  const before = await issued();
  for (const turn of ['announced', 'signs', 'dropped'])
    expect(await rotateAuthority(await wanted())).toBe(turn);
  expect(await issued()).not.toBe(before);
  expect(await said()).toEqual([]);
});

test('what is shown of a host is what is shown of a VIP', async () => {
  await cloudWith('store: { encryption: true }');
  const { topology } = await load();
  const [first, ...others] = shownCertificates(topology.certificates, now + 10 * day);
  expect(first).toMatchObject({
    host: 'ctl01',
    daysLeft: 815,
    issuer: expect.stringContaining('lab authority'),
  });
  expect(first?.covers).toEqual(['ctl01', '10.77.0.11', '10.78.0.11', 'sql.lab', '10.77.0.100']);
  expect(first).not.toHaveProperty('vip');
  expect(others).toHaveLength(2);
});

test('a name that a VIP and a host have is refused, and each is meant by what its files are called', () => {
  const owner = (kind: CertificateOwner['kind'], name: string) => ({
    kind,
    name,
    names: [name],
    needed: [name],
    services: [],
  });
  const owners = [owner('vip', 'sql'), owner('host', 'sql'), owner('host', 'ctl01')];
  expect(ownerCalled('ctl01', owners)).toBe(owners[2]);
  expect(ownerCalled('vip-sql', owners)).toBe(owners[0]);
  expect(ownerCalled('host-sql', owners)).toBe(owners[1]);
  expect(refusalOf(() => ownerCalled('sql', owners))).toMatchObject({
    message: 'sql may be the VIP sql or the host sql',
    details: { hint: 'name vip-sql or host-sql' },
  });
  expect(refusalOf(() => ownerCalled('ctl09', owners))).toMatchObject({
    code: 'invalid-arguments',
    details: { hint: 'name one of vip-sql, host-sql, ctl01' },
  });
});

function refusalOf(act: () => unknown): unknown {
  try {
    return act();
  } catch (cause) {
    return cause instanceof McpError ? cause : undefined;
  }
}
