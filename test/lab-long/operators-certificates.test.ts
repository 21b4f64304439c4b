import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployedLab } from '../lab/support/deployed.ts';
import { command, type LabOf, labOf, root } from '../lab/support/mcp.ts';
import { type Outsider, outsiderOf } from '../lab/support/outsider.ts';
import { publicSeat } from '../lab/support/seat.ts';
import { awaitHealthy } from '../lab/support/steady.ts';
import { expectNothingFailed, underLoad } from '../lab/support/under-load.ts';
import { variantOf } from '../lab/support/variant.ts';

// The VIPs get certificates of a company's authority while clients use them, and those of the lab's own again.
const inventory = 'inventories/lab.yaml';
const plain = labOf(inventory);
const databases = ['ctl01', 'ctl02', 'ctl03'];
const vips = { control: 'internal.cloud.lab', public: 'cloud.lab' } as const;
let company: Company;
let outside: Outsider;

beforeAll(async () => {
  await deployedLab(inventory);
  await awaitHealthy(plain, 300);
  company = await Company.found();
  outside = await outsiderOf(plain, 'out01');
});
afterAll(async () => {
  await plain.must('lab down');
  await rm(company.folder, { recursive: true });
});

test('the company is trusted, then its certificates serve, then the former authority goes: under load, and nothing fails', async () => {
  await deployedUnderLoad('both trusted', await trustingBoth());
  await deployedUnderLoad('company serves', await served('both'));
  await deployedUnderLoad('former gone', await served('company'));
  const { output } = await (await served('company')).must('status');
  expect(output).toContain('Company Root');
});

test('who trusts the root alone is shown the whole chain on both VIPs, from inside and from outside', async () => {
  for (const [place, name] of [
    ['10.77.0.102:443', vips.public],
    ['10.77.0.102:5000', vips.public],
    ['10.77.0.100:5000', vips.control],
  ] as const) {
    const asked = ['openssl', 's_client', '-connect', place, '-servername', name, '-verify_hostname', name];
    const trusting = ['-CAfile', company.at('root.crt'), '-no-CApath', '-no-CAstore'];
    const words = [...asked, ...trusting, '-verify_return_error', '-showcerts'];
    const seen = await command('nsenter', [`--net=/run/netns/${outside.namespace}`, ...words]);
    expect(seen.exitCode, seen.output).toBe(0);
    // The leaf, then who signed it: they stand in the file the other way round.
    const subjects = [...seen.stdout.matchAll(/^ *\d s:.*CN ?= ?(.+)$/gm)].map(([, subject]) => subject);
    expect(subjects).toEqual([name, 'Company Issuing']);
  }
  const inside = await plain.on(
    'ctl01',
    `echo | openssl s_client -connect ${vips.control}:5000 -servername ${vips.control} -verify_return_error 2>&1 | grep 'Verify return code'`,
  );
  expect(inside).toContain('0 (ok)');
});

test('what would not serve is refused before anything is done, with what is wrong', async () => {
  const good = await served('company');
  const starts = await plain.on('prx01', 'systemctl show nginx -p ActiveEnterTimestampMonotonic');
  for (const [prepare, words] of [
    [() => company.certify('public', ['-days', '-1']), 'vip-public.crt expired on'],
    [() => company.certify('public', [], 'other.cloud.lab'), 'vip-public.crt does not cover cloud.lab'],
    [() => company.certify('public', [], vips.public, 'clientAuth'), 'vip-public.crt is not for servers'],
    [() => company.certify('control', []), 'vip-public.crt does not belong to the key beside it'],
  ] as const) {
    const certificate = await prepare();
    const { directory, lab } = await copyOf(good);
    await writeFile(join(directory, 'lab.certs/vip-public.crt'), certificate);
    const refused = await lab.mcp('validate');
    expect([refused.exitCode, refused.output]).toEqual([3, expect.stringContaining(words)]);
    expect((await lab.mcp('deploy', '--yes')).exitCode).toBe(3);
  }
  const { directory, lab } = await copyOf(good);
  await copyFile(company.at('issuing.crt'), join(directory, 'lab.certs/ca.crt'));
  const refused = await lab.mcp('validate');
  expect([refused.exitCode, refused.output]).toEqual([3, expect.stringContaining('which is no root')]);
  // Back to the former authority without both in between.
  const back = await plain.mcp('deploy', '--yes');
  expect([back.exitCode, back.output]).toEqual([
    11,
    expect.stringContaining('trust none of the authorities'),
  ]);
  expect(await plain.on('prx01', 'systemctl show nginx -p ActiveEnterTimestampMonotonic')).toBe(starts);
});

test("the lab's own certificates come back the same way, under load", async () => {
  await deployedUnderLoad('both trusted again', await served('both'));
  await deployedUnderLoad('own certificates again', await trustingBoth());
  await deployedUnderLoad('company gone', plain);
});

/** One deploy while clients that trust both roots use the cloud; then all is well, and there is nothing left to do. */
async function deployedUnderLoad(what: string, lab: LabOf): Promise<void> {
  const seat = { ...publicSeat, authority: company.at('both.crt') };
  const seen = await underLoad(
    lab,
    async () => {
      await lab.must('validate');
      const { output } = await lab.must('deploy', '--yes');
      console.log(output.split('\n').slice(-6).join('\n'));
    },
    seat,
  );
  await expectNothingFailed(what, seen, plain, databases);
  await awaitHealthy(lab, 120);
  expect((await lab.mcp('plan', '--detailed-exitcode')).exitCode).toBe(0);
}

/** The lab's own certificates, and the company trusted beside their authority. */
async function trustingBoth(): Promise<LabOf> {
  const { inventory: file, directory } = await variantOf(inventory);
  await copyFile(company.at('both.crt'), join(directory, 'lab.certs/ca.crt'));
  return labOf(file);
}

/** The company's certificates on the VIPs, for names alone, what signed them before them in their files. */
async function served(trusted: 'both' | 'company'): Promise<LabOf> {
  const { inventory: file, directory } = await variantOf(inventory);
  const certificates = join(directory, 'lab.certs');
  await copyFile(company.at(trusted === 'both' ? 'both.crt' : 'root.crt'), join(certificates, 'ca.crt'));
  await rm(join(certificates, 'ca.key'));
  for (const vip of ['control', 'public'] as const) {
    const own = await readFile(company.at(`${vip}.crt`), 'utf8');
    const issuing = await readFile(company.at('issuing.crt'), 'utf8');
    await writeFile(join(certificates, `vip-${vip}.crt`), issuing + own);
    await copyFile(company.at(`${vip}.key`), join(certificates, `vip-${vip}.key`));
  }
  return labOf(file);
}

/** The same again, in a folder of its own. */
async function copyOf({ inventory: file }: LabOf) {
  const directory = await mkdtemp(join(root, '.lab', 'variants', 'o-'));
  await command('cp', ['-a', `${join(file, '..')}/.`, directory]);
  return { directory, lab: labOf(join(directory, 'lab.yaml')) };
}

/** An authority as companies have one: a root that is kept away, one below it that signs, RSA keys, and no addresses. */
class Company {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async found(): Promise<Company> {
    const it = new Company(await mkdtemp(join(tmpdir(), 'mcp-company-')));
    const own = [
      '-addext',
      'basicConstraints=critical,CA:TRUE',
      '-addext',
      'keyUsage=critical,keyCertSign,cRLSign',
    ];
    const files = ['-keyout', it.at('root.key'), '-out', it.at('root.crt')];
    const subject = ['-subj', '/O=Example/CN=Company Root', '-days', '3650'];
    await openssl('req', '-x509', '-newkey', 'rsa:3072', '-nodes', ...subject, ...own, ...files);
    await it.request('issuing', 'Company Issuing');
    const extensions = 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign';
    await it.sign('issuing', 'root', extensions, ['-days', '1825']);
    for (const vip of ['control', 'public'] as const) {
      await it.request(vip, vips[vip]);
      await writeFile(it.at(`${vip}.crt`), await it.certify(vip, ['-days', '365']));
    }
    const roots = [await readFile(publicSeat.authority, 'utf8'), await readFile(it.at('root.crt'), 'utf8')];
    await writeFile(it.at('both.crt'), roots.join(''));
    return it;
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  /** Resolves with a certificate for the key of a VIP. */
  async certify(
    vip: keyof typeof vips,
    validity: readonly string[],
    name: string = vips[vip],
    purpose = 'serverAuth',
  ): Promise<string> {
    const made = `${vip}-made`;
    await copyFile(this.at(`${vip}.csr`), this.at(`${made}.csr`));
    await this.sign(made, 'issuing', `subjectAltName=DNS:${name}\nextendedKeyUsage=${purpose}`, validity);
    return readFile(this.at(`${made}.crt`), 'utf8');
  }

  private async request(stem: string, name: string): Promise<void> {
    const files = ['-keyout', this.at(`${stem}.key`), '-out', this.at(`${stem}.csr`)];
    await openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/O=Example/CN=${name}`, ...files);
  }

  private async sign(
    stem: string,
    by: string,
    extensions: string,
    validity: readonly string[],
  ): Promise<void> {
    await writeFile(this.at(`${stem}.ext`), `${extensions}\n`);
    const signer = ['-CA', this.at(`${by}.crt`), '-CAkey', this.at(`${by}.key`), ...validity];
    const files = ['-in', this.at(`${stem}.csr`), '-extfile', this.at(`${stem}.ext`)];
    await openssl('x509', '-req', ...files, ...signer, '-out', this.at(`${stem}.crt`));
  }
}

async function openssl(...words: readonly string[]): Promise<void> {
  const { exitCode, output } = await command('openssl', words);
  if (exitCode !== 0) throw new Error(`openssl ${words.join(' ')}: ${output}`);
}
