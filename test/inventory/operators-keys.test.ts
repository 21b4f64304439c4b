import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  initCertificates,
  initSecrets,
  loadInventory,
  rotateAuthority,
  writeSecretText,
} from '../../src/inventory/index.ts';
import { Secret } from '../../src/model/secret.ts';
import { type Issued, issue } from '../support/company.ts';
import { fakeServices } from '../topology/fake-services.ts';
import { smallInventory } from './small-inventory.ts';

const execute = promisify(execFile);

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-keys-'));
  file = join(folder, 'cloud.yaml');
  await writeFile(file, smallInventory);
  await mkdir(at('.'));
  process.env['MCP_KEY_PASSWORD_FILE'] = join(folder, 'passwords');
  const { secretsFile, secretSpecs } = await load();
  await initSecrets(secretsFile, secretSpecs, []);
});
afterEach(async () => {
  delete process.env['MCP_KEY_PASSWORD_FILE'];
  delete process.env['MCP_KEY_PASSWORD'];
  await rm(folder, { recursive: true });
});

const at = (name: string): string => join(folder, 'cloud.certs', name);
const load = (options = {}) => loadInventory(file, fakeServices, options);
const said = async (options = {}) =>
  (await load(options)).diagnostics.map(
    ({ severity, message }) => `${severity}: ${message.replaceAll(`${folder}/`, '')}`,
  );

async function wanted() {
  const { certificateOwners: owners, certificatesDirectory: directory } = await load();
  return { cloud: 'lab', directory, owners, recipients: [], now: Date.now() };
}
const init = async () => initCertificates({ ...(await wanted()), renew: 'none' });

const openssl = (...words: readonly string[]) => execute('openssl', [...words], { cwd: at('.') });

/** An authority that a company has made with openssl, its key in one of the forms that keys have. */
async function companyAuthority(generate: readonly string[], convert: readonly string[] = []): Promise<void> {
  await openssl('genpkey', ...generate, '-out', 'made.key');
  const authority = [
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,keyCertSign',
  ];
  await openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    'made.key',
    '-subj',
    '/O=Example/CN=Company',
    '-days',
    '900',
    ...authority,
    '-out',
    'ca.crt',
  );
  if (convert.length === 0) await rename(at('made.key'), at('ca.key'));
  else await openssl(...convert, '-in', 'made.key', '-out', 'ca.key');
  await chmod(at('ca.key'), 0o600);
}

const rsa = ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'];
const curve = (name: string) => ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`];
const password = ['-aes256', '-passout', 'pass:once upon # a time'];

test.each<[string, readonly string[], readonly string[]]>([
  ['RSA in PKCS#8', rsa, []],
  ['RSA in PKCS#1', rsa, ['rsa', '-traditional']],
  ['P-256 in SEC1', curve('P-256'), ['ec']],
  ['P-384', curve('P-384'), []],
  ['P-521 in SEC1', curve('P-521'), ['ec']],
  ['Ed25519', ['-algorithm', 'ED25519'], []],
  [
    'P-384 in PKCS#8 with a password',
    curve('P-384'),
    ['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-passout', 'pass:once upon # a time'],
  ],
  ['RSA in PKCS#1 with a password', rsa, ['rsa', '-traditional', ...password]],
  ['P-256 in SEC1 with a password', curve('P-256'), ['ec', ...password]],
])(
  'an authority whose key is %s signs, and what it signed is what openssl takes',
  async (_kind, generate, convert) => {
    await writeFile(join(folder, 'passwords'), 'another\r\nonce upon # a time\r\n', { mode: 0o600 });
    await companyAuthority(generate, convert);
    expect((await init()).made).toHaveLength(1);
    expect(await said()).toEqual([]);
    const strictly = ['-purpose', 'sslserver', '-auth_level', '2', '-verify_hostname', 'cloud.lab'];
    const { stdout } = await openssl('verify', ...strictly, '-CAfile', 'ca.crt', 'vip-public.crt');
    expect(stdout).toContain('OK');
    // It outlives nobody who signed it.
    const { certificates } = (await load()).inventory ?? {};
    expect(certificates?.vips['public']?.notAfter).toBeLessThanOrEqual(
      certificates?.issuers[0]?.notAfter ?? 0,
    );
  },
);

test("our own certificates are what Python's strict rules take, too", async () => {
  await init();
  const { stdout } = await openssl(
    'verify',
    '-x509_strict',
    '-purpose',
    'sslserver',
    '-CAfile',
    'ca.crt',
    'vip-public.crt',
  );
  expect(stdout).toContain('OK');
});

test('an intermediate signs, and stands behind what it signed', async () => {
  const root = await issue({ name: 'Root', ca: {} });
  const between = await issue({ name: 'Between', by: root, ca: { pathLength: 0 }, key: 'RSA-2048' });
  await writeFile(at('ca.crt'), root.pem + between.pem);
  await writeFile(at('ca.key'), between.key, { mode: 0o600 });
  await init();
  expect(await said()).toEqual([]);
  await writeFile(at('root.crt'), root.pem);
  const { stdout } = await openssl(
    'verify',
    '-CAfile',
    'root.crt',
    '-untrusted',
    'vip-public.crt',
    'vip-public.crt',
  );
  expect(stdout).toContain('OK');
});

test.each<[string, () => Promise<void>, string]>([
  [
    'of a kind that is not signed with',
    () => companyAuthority(['-algorithm', 'ED448']),
    'ca.key is a key of the kind ed448',
  ],
  [
    'with a password that nobody gave',
    () => companyAuthority(curve('P-256'), ['ec', ...password]),
    'ca.key is encrypted with a password, and ',
  ],
  [
    'of another certificate',
    async () => {
      await companyAuthority(rsa);
      await writeFile(at('ca.key'), (await issue({ name: 'x' })).key);
    },
    'ca.key is the key of nothing in the ca.crt beside it',
  ],
  [
    'of what is no authority',
    async () => {
      const plain = await issue({ name: 'Plain' });
      await writeFile(at('ca.crt'), plain.pem);
      await writeFile(at('ca.key'), plain.key, { mode: 0o600 });
    },
    'Plain in cloud.certs/ca.crt is no authority (CA:TRUE)',
  ],
  [
    'of one that has expired',
    async () => {
      const old = await issue({ name: 'Old', ca: {}, from: -9, to: -1 });
      await writeFile(at('ca.crt'), old.pem);
      await writeFile(at('ca.key'), old.key, { mode: 0o600 });
    },
    'Old in cloud.certs/ca.crt expired on',
  ],
])('one sentence says why nothing is signed with a key %s', async (_what, prepare, words) => {
  await prepare();
  const refusal = await init().catch((cause: unknown) => cause);
  expect(refusal).toMatchObject({ code: 'invalid-arguments', details: { hint: expect.any(String) } });
  expect(String(refusal).replaceAll(`${folder}/`, '')).toContain(words);
});

test("a company's authority is not rotated, whatever the form of its key", async () => {
  await companyAuthority(rsa, ['rsa', '-traditional']);
  await init();
  await expect(rotateAuthority(await wanted())).rejects.toMatchObject({ code: 'invalid-arguments' });
});

test('no authority is made beside certificates that somebody else signed', async () => {
  const root = await issue({ name: 'Company Root', ca: {} });
  const own = await issue({ name: 'cloud.lab', by: root, names: ['cloud.lab'] });
  await writeFile(at('vip-public.crt'), own.pem + root.pem);
  await writeFile(at('vip-public.key'), own.key, { mode: 0o600 });
  await expect(init()).rejects.toMatchObject({
    code: 'invalid-arguments',
    details: { hint: expect.stringContaining('(Company Root)') },
  });
  await expect(lstat(at('ca.crt'))).rejects.toMatchObject({ code: 'ENOENT' });
});

/** The VIP's certificate with its key behind a password. */
async function withPassword(): Promise<string> {
  await init();
  const before = await readFile(at('vip-public.key'), 'utf8');
  await openssl(
    'pkcs8',
    '-topk8',
    '-v2',
    'aes-256-cbc',
    '-passout',
    'pass:hunter2',
    '-in',
    'vip-public.key',
    '-out',
    'sealed',
  );
  await rename(at('sealed'), at('vip-public.key'));
  return before;
}

const keyNow = async (options = {}) =>
  (await load(options)).inventory?.certificates.vips['public']?.key.reveal();

test('a key with a password goes to hosts without it, and nothing is written here', async () => {
  const before = await withPassword();
  const sealed = await readFile(at('vip-public.key'), 'utf8');
  expect(await said()).toEqual([
    'error: cloud.certs/vip-public.key is encrypted with a password, and passwords is not there',
  ]);
  expect(await said({ needs: 'what-is-there' })).toEqual([expect.stringMatching(/^warning: /)]);
  await writeFile(join(folder, 'passwords'), 'hunter2\n', { mode: 0o644 });
  expect(await said()).toEqual([expect.stringContaining('passwords can be read by others')]);
  await chmod(join(folder, 'passwords'), 0o600);
  expect([await said(), await keyNow()]).toEqual([[], before]);
  await rm(join(folder, 'passwords'));
  process.env['MCP_KEY_PASSWORD'] = 'wrong';
  expect(await said()).toEqual([expect.stringContaining('no password of yours opens it')]);
  process.env['MCP_KEY_PASSWORD'] = 'hunter2';
  expect([await said(), await keyNow()]).toEqual([[], before]);
  expect(await readFile(at('vip-public.key'), 'utf8')).toBe(sealed);
});

test('on a terminal the password is asked for, three times at most', async () => {
  const before = await withPassword();
  const asked: string[] = [];
  const answering =
    (...answers: readonly string[]) =>
    async (question: string) => {
      asked.push(question.replaceAll(`${folder}/`, ''));
      return new Secret(answers[asked.length - 1] ?? 'wrong');
    };
  expect(await keyNow({ askPassword: answering('wrong', 'hunter2') })).toBe(before);
  expect(asked).toEqual([
    'password of cloud.certs/vip-public.key: ',
    'that does not open it; password of cloud.certs/vip-public.key: ',
  ]);
  asked.length = 0;
  expect(await said({ askPassword: answering() })).toEqual([
    expect.stringContaining('is encrypted with a password'),
  ]);
  expect(asked).toHaveLength(3);
});

test('what lies behind a link is written there, and the link stays one', async () => {
  await init();
  await mkdir(join(folder, 'vault'));
  const linked = [
    'cloud.secrets.yaml',
    'cloud.certs/vip-public.crt',
    'cloud.certs/vip-public.key',
    'cloud.certs/ca.key',
  ];
  for (const path of linked) {
    const target = join(folder, 'vault', path.replace('/', '-'));
    await rename(join(folder, path), target);
    await symlink(target, join(folder, path));
  }
  const texts = () =>
    Promise.all(linked.map((path) => readFile(join(folder, 'vault', path.replace('/', '-')), 'utf8')));
  const before = await texts();
  await writeSecretText(join(folder, 'cloud.secrets.yaml'), '# another\n', []);
  for (const turn of ['announced', 'signs', 'dropped'])
    expect(await rotateAuthority(await wanted())).toBe(turn);
  const after = await texts();
  expect(after.map((text, index) => text !== before[index])).toEqual([true, true, true, true]);
  for (const path of linked) expect((await lstat(join(folder, path))).isSymbolicLink(), path).toBe(true);
});

test('a link to what is not there now is not taken for a new file', async () => {
  await symlink(join(folder, 'volume/secrets.yaml'), join(folder, 'link.yaml'));
  await expect(writeSecretText(join(folder, 'link.yaml'), '# new\n', [])).rejects.toMatchObject({
    code: 'invalid-arguments',
    message: expect.stringContaining(`it is a link to ${folder}/volume/secrets.yaml, which is not there`),
  });
  expect((await lstat(join(folder, 'link.yaml'))).isSymbolicLink()).toBe(true);
});

test.each<
  [string, (company: { root: Issued; between: Issued }) => Promise<readonly Issued[]>, ('open' | 'closed')?]
>([
  ['by a root that is trusted beside ours', async ({ root }) => [await leafBy(root)]],
  [
    'by a root that is trusted beside ours, whose key has a password',
    async ({ root }) => [await leafBy(root)],
    'closed',
  ],
  ['by way of others that stand behind it', async ({ between }) => [await leafBy(between), between]],
  ['by way of others that stand before it', async ({ between }) => [between, await leafBy(between)]],
])(
  'a certificate that an operator brought, signed %s, is not made anew with ours, nor when it is asked for',
  async (_, bring, how) => {
    await init();
    const root = await issue({ name: 'Company Root', ca: {} });
    const between = await issue({ name: 'Company Issuing', ca: {}, by: root });
    const [first, second] = await bring({ root, between });
    const own = [first, second].find((each) => each !== undefined && each !== between);
    const ours = await readFile(at('ca.crt'), 'utf8');
    await writeFile(at('ca.crt'), `${ours}${root.pem}`);
    await writeFile(at('vip-public.crt'), `${first?.pem}${second?.pem ?? ''}`);
    await writeFile(at('vip-public.key'), own?.key ?? '');
    // Whose key it is can't be seen then.
    if (how === 'closed') {
      await openssl('pkcs8', '-topk8', '-in', 'ca.key', '-passout', 'pass:hunter2', '-out', 'sealed');
      await rename(at('sealed'), at('ca.key'));
    }
    const before = await readFile(at('vip-public.crt'), 'utf8');
    expect((await load()).inventory?.certificates.vips['public']?.signedBy).toBe('theirs');
    expect(await said()).toEqual([]);

    const { made, kept } = await initCertificates({ ...(await wanted()), renew: 'unfit' });
    expect([made, kept.map(({ name }) => name)]).toEqual([[], ['public']]);
    const asked = initCertificates({ ...(await wanted()), renew: ['vip-public'] });
    await expect(asked).rejects.toMatchObject({ code: 'not-confirmed' });
    expect(await readFile(at('vip-public.crt'), 'utf8')).toBe(before);
    expect(await readFile(at('vip-public.key'), 'utf8')).toBe(own?.key);
  },
);

const leafBy = (by: Issued): Promise<Issued> =>
  issue({ name: 'cloud.lab', names: ['cloud.lab'], purposes: ['serverAuth'], by });
