import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { initCertificates, initSecrets, loadInventory } from '../../src/inventory/index.ts';
import type { CertificateOwner } from '../../src/model/certificate.ts';
import { fakeServices } from '../topology/fake-services.ts';
import { smallInventory } from './small-inventory.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
let folder = '';
const at = (path: string): string => join(folder, path);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-unreadable-'));
  await writeFile(at('cloud.yaml'), smallInventory);
  const { secretSpecs, certificateOwners } = await load();
  await initSecrets(at('cloud.secrets.yaml'), secretSpecs, []);
  await initCertificates(wantedOf(certificateOwners));
});
afterEach(() => rm(folder, { recursive: true }));

const load = (file = 'cloud.yaml') => loadInventory(at(file), fakeServices, { now });
const wantedOf = (owners: readonly CertificateOwner[]) => ({
  ...{ cloud: 'lab', directory: at('cloud.certs'), owners, renew: 'unfit' as const, recipients: [], now },
});
const errors = async (file = 'cloud.yaml'): Promise<readonly string[]> =>
  (await load(file)).diagnostics.map(({ message }) => message.replaceAll(`${folder}/`, ''));

const pipe = (path: string) => execFileSync('mkfifo', ['-m', '600', at(path)]);

test('an inventory that is no text file is refused with what it is, and waited for never', async () => {
  pipe('pipe.yaml');
  await mkdir(at('folder.yaml'));
  await symlink('nowhere', at('link.yaml'));
  await symlink('circle.yaml', at('circle.yaml'));
  await writeFile(at('latin.yaml'), Buffer.from('cloud: "caf\xe9"', 'latin1'));
  await writeFile(at('huge.yaml'), 'a'.repeat(300_000));
  const told = async (file: string) => (await errors(file)).join('; ');
  expect(await told('pipe.yaml')).toBe("can't be read: it is a pipe; put what it says into a file");
  expect(await told('folder.yaml')).toBe("can't be read: it is a directory");
  expect(await told('link.yaml')).toBe("can't be read: it is a link to nowhere, which is not there");
  expect(await told('circle.yaml')).toBe("can't be read: links lead in a circle");
  expect(await told('latin.yaml')).toBe("can't be read: it is not text in UTF-8");
  expect(await told('huge.yaml')).toBe("can't be read: it is larger than 256 kB");
  expect(await told('cloud.yaml/deeper.yaml')).toBe(
    "can't be read: a part of its path is a file and no folder",
  );
  const zero = await loadInventory('/dev/zero', fakeServices, { now });
  expect(zero.diagnostics.map(({ message }) => message)).toEqual(["can't be read: it is a device"]);
});

test('an inventory that is nested without end is refused in one sentence', async () => {
  await writeFile(at('flow.yaml'), '['.repeat(50_000));
  expect(await errors('flow.yaml')).toEqual(['is nested too deeply to be read']);
});

test('secrets that are a pipe, a folder or a link that leads nowhere are never made anew', async () => {
  const make = async () => {
    const { secretSpecs } = await load();
    return initSecrets(at('cloud.secrets.yaml'), secretSpecs, []);
  };
  for (const [put, reason] of [
    [async () => void pipe('cloud.secrets.yaml'), 'it is a pipe; put what it says into a file'],
    [() => mkdir(at('cloud.secrets.yaml')), 'it is a directory'],
    [() => symlink('unmounted', at('cloud.secrets.yaml')), 'it is a link to unmounted, which is not there'],
  ] as const) {
    await rm(at('cloud.secrets.yaml'), { recursive: true });
    await put();
    expect(await errors()).toEqual([`cloud.secrets.yaml can't be read: ${reason}`]);
    await expect(make()).rejects.toMatchObject({
      code: 'invalid-arguments',
      message: expect.stringContaining(`can't be read: ${reason}`),
    });
  }
  await rm(at('cloud.secrets.yaml'));
});

test('certificates that are a file are told as such, and not to be made there', async () => {
  await rm(at('cloud.certs'), { recursive: true });
  await writeFile(at('cloud.certs'), '');
  const [flaw] = (await load()).diagnostics;
  expect(flaw?.message).toContain("can't be read: a part of its path is a file and no folder");
  expect(flaw?.hint).not.toContain('certs init');
  const { certificateOwners } = await load();
  await expect(initCertificates(wantedOf(certificateOwners))).rejects.toMatchObject({
    code: 'invalid-arguments',
    message: `${at('cloud.certs')} can't be written: a file stands where a folder is due`,
  });
});

test.each([
  ['ca.key', 'holds no private key in PEM'],
  ['ca.crt', 'is not a PEM certificate'],
  ['vip-public.crt', 'is not a PEM certificate'],
])('certificates are not renewed with a %s that is garbage, and it is named', async (name, words) => {
  const { certificateOwners } = await load();
  await writeFile(at(`cloud.certs/${name}`), 'garbage');
  const renewing = initCertificates({ ...wantedOf(certificateOwners), renew: ['vip-public'] });
  await expect(renewing).rejects.toMatchObject({
    code: 'invalid-arguments',
    message: expect.stringMatching(new RegExp(`${name}.*${words}`)),
  });
});

test('overrides that can not be read are a mistake each, and never none', async () => {
  await mkdir(at('overrides/all/etc'), { recursive: true });
  pipe('overrides/all/etc/pipe.conf.append');
  await symlink('nowhere', at('overrides/all/etc/link.conf.append'));
  await writeFile(at('overrides/all/etc/latin.conf.append'), Buffer.from('caf\xe9', 'latin1'));
  expect(await errors()).toEqual([
    "can't be read: it is not text in UTF-8",
    "can't be read: it is a link to nowhere, which is not there",
    "can't be read: it is a pipe; put what it says into a file",
  ]);
  await rm(at('overrides'), { recursive: true });
  await symlink('unmounted', at('overrides'));
  expect(await errors()).toEqual(["can't be read: it does not lead to a folder"]);
  await rm(at('overrides'));
  await writeFile(at('overrides'), '');
  expect(await errors()).toEqual(["can't be read: it does not lead to a folder"]);
});
