import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type CertificatesReport,
  initCertificates,
  initSecrets,
  loadInventory,
} from '../../src/inventory/index.ts';
import { ownerId } from '../../src/model/certificate.ts';
import { fakeServices } from '../topology/fake-services.ts';
import { smallInventory } from './small-inventory.ts';

const day = 24 * 60 * 60 * 1000;
const now = Date.parse('2026-11-22T12:00:00Z');

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-beside-'));
  file = join(folder, 'cloud.yaml');
  await writeFile(file, smallInventory);
});
afterEach(() => rm(folder, { recursive: true }));

const load = (at = now) => loadInventory(file, fakeServices, { now: at });
const errors = async (at = now): Promise<readonly string[]> =>
  (await load(at)).diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message.replaceAll(`${folder}/`, ''));

async function initAll(renew: 'unfit' | 'none' = 'none', at = now) {
  const {
    certificateOwners: owners,
    secretsFile,
    secretSpecs,
    certificatesDirectory: directory,
  } = await load();
  const secrets = await initSecrets(secretsFile, secretSpecs, []);
  return {
    secrets,
    certificates: inIds(
      await initCertificates({ cloud: 'lab', directory, owners, renew, recipients: [], now: at }),
    ),
  };
}

const inIds = ({ authority, made, kept }: CertificatesReport) => ({
  authority,
  made: made.map(ownerId),
  kept: kept.map(ownerId),
});

const inFolder = (path: string): string => join(folder, path);
const modeOf = async (path: string): Promise<string> =>
  ((await stat(inFolder(path))).mode & 0o777).toString(8);

test('what is missing beside an inventory is told with what makes it, and is made', async () => {
  expect(await errors()).toEqual([
    'cloud.secrets.yaml does not exist yet',
    'cloud.certs/ca.crt does not exist yet',
  ]);
  await initAll();
  expect(await errors()).toEqual([]);
});

test('before they are made, missing secrets and certificates are warnings to those who do not need them', async () => {
  const { diagnostics } = await loadInventory(file, fakeServices, { needs: 'topology' });
  expect(diagnostics.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
});

test('secrets and keys are readable by their owner only, certificates by all', async () => {
  await initAll();
  expect(await modeOf('cloud.secrets.yaml')).toBe('600');
  expect(await modeOf('cloud.certs/ca.key')).toBe('600');
  expect(await modeOf('cloud.certs/vip-public.key')).toBe('600');
  expect(await modeOf('cloud.certs/vip-public.crt')).toBe('644');
});

test('a second init changes nothing', async () => {
  await initAll();
  const before = await readFile(inFolder('cloud.secrets.yaml'), 'utf8');
  const certificate = await readFile(inFolder('cloud.certs/vip-public.crt'), 'utf8');
  const again = await initAll();
  expect(again.secrets.made).toEqual([]);
  expect(again.certificates).toMatchObject({ authority: 'kept', made: [], kept: ['vip-public'] });
  expect(await readFile(inFolder('cloud.secrets.yaml'), 'utf8')).toBe(before);
  expect(await readFile(inFolder('cloud.certs/vip-public.crt'), 'utf8')).toBe(certificate);
});

test('what the operator wrote into the secrets file stays, comments too', async () => {
  await writeFile(inFolder('cloud.secrets.yaml'), '# ours\nmine: abc\n', { mode: 0o600 });
  expect((await initAll()).secrets).toMatchObject({ made: ['store.root'], kept: ['mine'] });
  expect(await readFile(inFolder('cloud.secrets.yaml'), 'utf8')).toMatch(
    /^# ours\nmine: abc\nstore\.root: '[A-Za-z0-9]{24}'\n$/,
  );
});

test('a secrets file that others can read is refused', async () => {
  await initAll();
  await chmod(inFolder('cloud.secrets.yaml'), 0o640);
  expect(await errors()).toEqual(['cloud.secrets.yaml can be read by others (mode 0640)']);
});

test("an authority's key that others can read is refused, and need not be there", async () => {
  await initAll();
  await chmod(inFolder('cloud.certs/ca.key'), 0o644);
  expect(await errors()).toEqual(['cloud.certs/ca.key can be read by others (mode 0644)']);
  await rm(inFolder('cloud.certs/ca.key'));
  expect(await errors()).toEqual([]);
});

test('of what stands beside a certificate nothing goes to the hosts: a key in ca.crt, words before it', async () => {
  await initAll();
  const [own, key] = [inFolder('cloud.certs/ca.crt'), inFolder('cloud.certs/ca.key')];
  const certificate = await readFile(own, 'utf8');
  await writeFile(own, `Bag Attributes: x\n${await readFile(key, 'utf8')}${certificate}`);
  const { inventory, diagnostics } = await load();
  expect(inventory?.certificates.authority).toBe(certificate);
  expect(
    diagnostics.map(({ severity, message }) => [severity, message.replaceAll(`${folder}/`, '')]),
  ).toEqual([['warning', 'cloud.certs/ca.crt holds a private key, too: only its certificates are taken']]);
});

test('a certificate in a form that hosts do not take is refused, and none is put there in its place', async () => {
  await initAll();
  const own = inFolder('cloud.certs/ca.crt');
  const trusted = (await readFile(own, 'utf8')).replaceAll(' CERTIFICATE-----', ' TRUSTED CERTIFICATE-----');
  await writeFile(own, trusted);
  expect(await errors()).toContain('cloud.certs/ca.crt is not a PEM certificate');
});

test('a secrets file that is no mapping is refused without showing what is in it', async () => {
  await writeFile(inFolder('cloud.secrets.yaml'), "store.root: 'hunter2\n", { mode: 0o600 });
  const told = JSON.stringify((await load()).diagnostics);
  expect(told).toContain("is not written as name: 'value'");
  expect(told).not.toContain('hunter2');
  await expect(initAll()).rejects.toMatchObject({ code: 'invalid-inventory' });
});

test('a secret that could break out of a line of configuration is refused without being shown', async () => {
  await writeFile(inFolder('cloud.secrets.yaml'), 'store.root: "hunter2; root"\n', { mode: 0o600 });
  const told = JSON.stringify((await load()).diagnostics);
  expect(told).toContain('the value of store.root may hold letters');
  expect(told).not.toContain('hunter2');
});

test('a secrets file in one braced line is not broken by adding to it', async () => {
  await writeFile(inFolder('cloud.secrets.yaml'), '{ mine: abc }\n', { mode: 0o600 });
  await expect(initAll()).rejects.toMatchObject({ code: 'invalid-inventory' });
  expect(await readFile(inFolder('cloud.secrets.yaml'), 'utf8')).toBe('{ mine: abc }\n');
});

test('what is encrypted in a way that is not read is named as such', async () => {
  await initAll();
  const file = inFolder('cloud.secrets.yaml');
  await writeFile(file, Buffer.concat([Buffer.from('age-encryption.org/v1\n'), Buffer.from([0xff, 0])]));
  expect(await errors()).toEqual([
    "cloud.secrets.yaml can't be read: it is encrypted with age in its binary form; encrypt it with `age --armor`",
  ]);
  await writeFile(file, 'store.root: ENC[AES256_GCM,data:abc]\nsops:\n    mac: ENC[abc]\n', { mode: 0o600 });
  expect(await errors()).toEqual(['is encrypted with sops, which mcp does not read']);
});

test('certificates are trusted through the authority, by OpenSSL too', async () => {
  await initAll();
  const { stdout } = await promisify(execFile)('openssl', [
    ...['verify', '-attime', String(now / 1000), '-CAfile', inFolder('cloud.certs/ca.crt')],
    ...['-verify_hostname', 'cloud.lab', inFolder('cloud.certs/vip-public.crt')],
  ]);
  expect(stdout).toContain('OK');
});

test('a certificate that expired is refused, and renewed on demand only', async () => {
  await initAll();
  const later = now + 900 * day;
  expect(await errors(later)).toEqual(['cloud.certs/vip-public.crt expired on 2029-02-24']);
  expect((await initAll('none', later)).certificates.made).toEqual([]);
  expect((await initAll('unfit', later)).certificates.made).toEqual(['vip-public']);
  expect(await errors(later)).toEqual([]);
});

test('a certificate that does not cover the name of its VIP is refused, or its address where it has none', async () => {
  await initAll();
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('cloud.lab', 'cloud.example.org'));
  expect(await errors()).toEqual(['cloud.certs/vip-public.crt does not cover cloud.example.org']);
  await writeFile(file, text.replace('10.77.0.100', '10.77.0.101').replace('hostname: cloud.lab, ', ''));
  expect(await errors()).toEqual(['cloud.certs/vip-public.crt does not cover 10.77.0.101']);
  await initAll('unfit');
  expect(await errors()).toEqual([]);
});

test('a certificate beside another key is refused', async () => {
  await initAll();
  const key = await readFile(inFolder('cloud.certs/ca.key'));
  await writeFile(inFolder('cloud.certs/vip-public.key'), key);
  expect(await errors()).toEqual(['cloud.certs/vip-public.crt does not belong to the key beside it']);
});

test('overrides are found by scope and kind', async () => {
  await override('all/etc/mysql/mariadb.conf.d/99-mcp.cnf.merge');
  await override('role/control/etc/haproxy/haproxy-api.cfg.append');
  await override('host/ctl01/templates/nginx/site.conf.hbs');
  await override('README.md');
  const { inventory } = await load();
  expect(inventory?.overrides.map(({ scope, what }) => ({ scope, what }))).toEqual([
    {
      scope: { kind: 'all' },
      what: { kind: 'merge-ini', path: '/etc/mysql/mariadb.conf.d/99-mcp.cnf', content: 'x' },
    },
    {
      scope: { kind: 'host', host: 'ctl01' },
      what: { kind: 'replace-template', template: 'nginx/site.conf.hbs', content: 'x' },
    },
    {
      scope: { kind: 'role', role: 'control' },
      what: { kind: 'append', path: '/etc/haproxy/haproxy-api.cfg', content: 'x' },
    },
  ]);
});

test('a file among the overrides that would be without effect is an error', async () => {
  await initAll();
  await override('all/etc/foo.conf');
  await override('host/ctl1/etc/foo.conf.append');
  await override('roles/control/etc/foo.conf.append');
  expect(await errors()).toEqual([
    'is not understood as an override',
    'is for the host ctl1, which does not exist; did you mean ctl01?',
    'is for roles, which is neither all, role/ROLE nor host/NAME',
  ]);
});

async function override(path: string): Promise<void> {
  const at = join(folder, 'overrides', path);
  await mkdir(dirname(at), { recursive: true });
  await writeFile(at, 'x');
}
