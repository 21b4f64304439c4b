import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planWith } from '../../src/model/plan.ts';
import {
  makeCertificates,
  renewCertificates,
  rotateCertificates,
  showCertificates,
} from '../../src/workflows/certs.ts';
import { describeCloud } from '../../src/workflows/cloud.ts';
import { loadTopology } from '../../src/workflows/load.ts';
import { makeSecrets } from '../../src/workflows/secrets.ts';
import { observed, observedHost } from '../support/observed.ts';

const day = 24 * 60 * 60 * 1000;
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-certs-'));
});
afterEach(() => rm(folder, { recursive: true }));

const shipped = fileURLToPath(new URL('../../inventories/lab.yaml', import.meta.url));

/** The lab's inventory in a folder of its own, with certificates made there. */
async function cloudIn(name: string): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  await copyFile(shipped, file);
  await makeCertificates(file, 'none');
  return file;
}

const fingerprints = async (file: string): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    (await showCertificates(file, Date.now())).map(({ vip, fingerprint }) => [vip, fingerprint]),
  );

test('what is shown is what each VIP is asked by, who signed it and how long it lasts', async () => {
  const [control] = await showCertificates(await cloudIn('one'), Date.now() + 10 * day);
  expect(control).toMatchObject({ vip: 'control', issuer: expect.stringContaining('lab authority') });
  expect(control?.covers).toEqual(expect.arrayContaining(['internal.cloud.lab', '10.77.0.100']));
  expect(control?.daysLeft).toBe(814);
});

test('only the named certificates are renewed, all of them without a name, and the authority stays', async () => {
  const file = await cloudIn('one');
  const authority = await readFile(join(folder, 'one.certs/ca.crt'), 'utf8');
  const before = await fingerprints(file);
  await renewCertificates(file, ['control']);
  const named = await fingerprints(file);
  expect(named['control']).not.toBe(before['control']);
  expect(named['public']).toBe(before['public']);
  expect((await renewCertificates(file, [])).made.map(({ name }) => name)).toEqual(['control', 'public']);
  expect((await fingerprints(file))['public']).not.toBe(before['public']);
  expect(await readFile(join(folder, 'one.certs/ca.crt'), 'utf8')).toBe(authority);
});

test('a certificate that somebody else signed is never replaced, and then none is', async () => {
  const file = await cloudIn('one');
  await cloudIn('other');
  const theirs = await readFile(join(folder, 'other.certs/vip-public.crt'), 'utf8');
  await writeFile(join(folder, 'one.certs/vip-public.crt'), theirs);
  const control = await readFile(join(folder, 'one.certs/vip-control.crt'), 'utf8');
  await expect(renewCertificates(file, [])).rejects.toMatchObject({ code: 'not-confirmed' });
  expect(await readFile(join(folder, 'one.certs/vip-public.crt'), 'utf8')).toBe(theirs);
  expect(await readFile(join(folder, 'one.certs/vip-control.crt'), 'utf8')).toBe(control);
});

test('a VIP that is not there, or has no TLS, is refused by name', async () => {
  const file = await cloudIn('one');
  await expect(renewCertificates(file, ['database'])).rejects.toMatchObject({ code: 'invalid-arguments' });
});

test('the authority has its next turn only once every host has the last one', async () => {
  const file = await cloudIn('one');
  await makeSecrets(file);
  const cloud = await describeCloud((await loadTopology(file)).topology);
  const nobody = { hosts: new Map() };
  const plan = { ...planWith('lab', []), batches: [] };
  const planned = { plan, all: cloud.topology, desired: cloud.desired, observed: nobody };
  await expect(rotateCertificates(file, async () => planned)).rejects.toMatchObject({
    code: 'not-confirmed',
    message: expect.stringContaining('ctl01 does not answer'),
  });
  const known = await readFile(join(folder, 'one.certs/ca.crt'), 'utf8');
  const hosts = cloud.topology.hosts.map(({ name }) => observedHost(name, {}));
  const all = { ...planned, observed: observed(...hosts) };
  expect(await rotateCertificates(file, async () => all)).toBe('announced');
  expect(await readFile(join(folder, 'one.certs/ca.crt'), 'utf8')).toContain(known.trim());
});
