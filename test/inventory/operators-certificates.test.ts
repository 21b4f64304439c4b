import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { initSecrets, loadInventory } from '../../src/inventory/index.ts';
import { objectionTo } from '../../src/inventory/shown-to-each-other.ts';
import { type Issued, issue, type KeyKind, type Wanted } from '../support/company.ts';
import { fakeServices } from '../topology/fake-services.ts';
import { smallInventory } from './small-inventory.ts';

const execute = promisify(execFile);

let root: Issued;
let between: Issued;
let leaf: Issued;
beforeAll(async () => {
  root = await issue({ name: 'Company Root', key: 'RSA-2048', ca: {}, to: 3650 });
  between = await issue({ name: 'Company Issuing', key: 'RSA-2048', ca: { pathLength: 0 }, by: root });
  leaf = await leafBy({ by: between, key: 'RSA-2048' });
});

let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-operators-'));
  file = join(folder, 'cloud.yaml');
  await writeFile(file, smallInventory);
  await mkdir(at('.'));
  const { secretsFile, secretSpecs } = await loadInventory(file, fakeServices);
  await initSecrets(secretsFile, secretSpecs, []);
});
afterEach(() => rm(folder, { recursive: true }));

const at = (name: string): string => join(folder, 'cloud.certs', name);
const put = (name: string, text: string | Buffer) => writeFile(at(name), text, { mode: 0o600 });

const leafBy = (wanted: Partial<Wanted>): Promise<Issued> =>
  issue({ name: 'cloud.lab', names: ['cloud.lab'], purposes: ['serverAuth'], ...wanted });

/** The VIP's certificate, those behind it, and what is trusted. */
async function bring(own: Issued, behind: readonly Issued[], trusted: readonly Issued[]): Promise<void> {
  await put('vip-public.crt', textOf([own, ...behind]));
  await put('vip-public.key', own.key);
  await put('ca.crt', textOf(trusted));
}

const textOf = (all: readonly Issued[]): string => all.map(({ pem }) => pem).join('');

const said = async () => {
  const { diagnostics } = await loadInventory(file, fakeServices);
  return diagnostics.map((each) => ({
    ...each,
    message: each.message.replaceAll(`${folder}/cloud.certs/`, ''),
  }));
};
const lines = async () => (await said()).map(({ severity, message }) => `${severity}: ${message}`);

test("a company's chain for the host name alone is taken, root and intermediate in whatever file", async () => {
  await bring(leaf, [between], [root]);
  expect(await lines()).toEqual([]);
  await bring(leaf, [], [root, between]);
  expect(await lines()).toEqual([]);
  await bring(leaf, [between, root], [await issue({ name: 'Another', ca: {} }), root]);
  expect(await lines()).toEqual([]);
});

test('what goes to hosts is the certificate first, each behind one that it signed, and nothing else', async () => {
  const stranger = await issue({ name: 'Stranger', ca: {} });
  await bring(leaf, [], [root]);
  await put('vip-public.crt', textOf([root, between, stranger, leaf]));
  expect(await lines()).toEqual([
    'warning: vip-public.crt holds the certificate of Stranger, which is no part of its chain and is left out',
  ]);
  const { inventory } = await loadInventory(file, fakeServices);
  expect(inventory?.certificates.vips['public']?.certificate).toBe(textOf([leaf, between, root]));
});

test('a byte order mark and the line ends of Windows are taken off', async () => {
  await bring(leaf, [between], [root]);
  for (const [name, text] of [
    ['vip-public.crt', textOf([leaf, between])],
    ['vip-public.key', leaf.key],
    ['ca.crt', root.pem],
  ] as const) {
    await put(name, `\uFEFF${text.replaceAll('\n', '\r\n')}`);
  }
  expect(await lines()).toEqual([]);
  const { inventory } = await loadInventory(file, fakeServices);
  const served = inventory?.certificates.vips['public'];
  expect([inventory?.certificates.authority?.trim(), served?.certificate]).toEqual([
    root.pem.trim(),
    textOf([leaf, between]),
  ]);
  expect(served?.key.reveal()).toBe(leaf.key);
});

test.each<[string, () => Promise<void>, string, string]>([
  [
    'the root has expired',
    async () => {
      const old = await issue({ name: 'Old Root', ca: {}, from: -99, to: -1 });
      await bring(await leafBy({ by: old }), [], [old]);
    },
    `error: the authority Old Root in ca.crt expired on`,
    'get its successor',
  ],
  [
    'the intermediate has expired',
    async () => {
      const old = await issue({ name: 'Old Issuing', ca: {}, by: root, from: -99, to: -1 });
      await bring(await leafBy({ by: old }), [old], [root]);
    },
    'error: the authority Old Issuing in vip-public.crt expired on',
    'get its successor',
  ],
  [
    'the intermediate is about to',
    async () => {
      const old = await issue({ name: 'Old Issuing', ca: {}, by: root, to: 20 });
      await bring(await leafBy({ by: old }), [old], [root]);
    },
    'warning: the authority Old Issuing in vip-public.crt expires on',
    'get its successor',
  ],
  [
    'the certificate is not valid yet',
    async () => bring(await leafBy({ by: between, from: 1 }), [between], [root]),
    'error: vip-public.crt is not valid before',
    'get a new one from whoever signed it',
  ],
  [
    'another root is trusted',
    async () => bring(leaf, [between], [await issue({ name: 'Another Root', ca: {} })]),
    'error: vip-public.crt rests on Company Issuing, which was signed by Company Root, which is neither behind it nor in ca.crt',
    'put the certificate of Company Root',
  ],
  [
    'the root stands behind the certificate and is not trusted',
    async () => bring(leaf, [between, root], [await issue({ name: 'Another Root', ca: {} })]),
    'error: vip-public.crt comes from the root Company Root, which is not in ca.crt',
    'put that root into ',
  ],
  [
    'the intermediate is missing',
    async () => bring(leaf, [], [root]),
    'error: vip-public.crt was signed by Company Issuing, which is neither behind it nor in ca.crt',
    'put the certificate of Company Issuing behind it',
  ],
  [
    'the intermediate alone is trusted',
    async () => bring(leaf, [], [between]),
    'error: vip-public.crt rests on Company Issuing, which is no root: OpenSSL wants that of Company Root in ca.crt, too',
    'add the certificate of Company Root to ',
  ],
  [
    'it is for clients only',
    async () => bring(await leafBy({ by: between, purposes: ['clientAuth'] }), [between], [root]),
    'error: vip-public.crt is not for servers',
    'get a new one from whoever signed it',
  ],
  [
    'it was signed by what is no authority',
    async () => {
      const plain = await issue({ name: 'Web Server', by: root });
      await bring(await leafBy({ by: plain }), [plain], [root]);
    },
    'error: vip-public.crt was signed by way of Web Server, which is no authority (CA:TRUE)',
    '',
  ],
  [
    'an authority allows none below it',
    async () => {
      const last = await issue({ name: 'One Too Many', ca: {}, by: between });
      await bring(await leafBy({ by: last }), [last, between], [root]);
    },
    'error: vip-public.crt rests on an authority that allows fewer others between it and a certificate (pathlen)',
    '',
  ],
  [
    'its key is short',
    async () => bring(await leafBy({ by: between, key: 'RSA-1024' }), [between], [root]),
    'error: vip-public.crt is refused by OpenSSL: EE certificate key too weak',
    '',
  ],
  [
    'it was signed over SHA-1',
    async () => {
      const weak = await issue({ name: 'Weak', ca: {}, key: 'RSA-2048 with SHA-1' });
      await bring(await leafBy({ by: weak }), [], [weak]);
    },
    'error: vip-public.crt is refused by OpenSSL: CA signature digest algorithm too weak',
    '',
  ],
  [
    'it names its host in its common name alone',
    async () => bring(await leafBy({ by: between, names: [] }), [between], [root]),
    'error: vip-public.crt does not cover cloud.lab',
    'get a new one from whoever signed it',
  ],
  [
    'there is no authority beside it',
    async () => {
      await bring(leaf, [between], [root]);
      await rm(at('ca.crt'));
    },
    'error: ca.crt is not there, and without it nothing inside trusts vip-public.crt',
    'put the root certificate that it comes from (by way of Company Root) there',
  ],
  [
    'its key is missing',
    async () => {
      await bring(leaf, [between], [root]);
      await rm(at('vip-public.key'));
    },
    'error: vip-public.key does not exist yet',
    'put the key of the certificate beside it there',
  ],
])('a chain is refused with what is wrong: %s', async (_what, prepare, message, hint) => {
  await prepare();
  const [first, ...others] = await said();
  expect([`${first?.severity}: ${first?.message}`, others]).toEqual([expect.stringContaining(message), []]);
  expect(first?.hint ?? '').toContain(hint);
  expect(first?.hint ?? '').not.toContain('mcp certs');
});

test('an authority that has expired beside one that is in use is pointed out, and no mistake', async () => {
  const old = await issue({ name: 'Old Root', ca: {}, from: -99, to: -1 });
  await bring(leaf, [between], [old, root]);
  expect(await lines()).toEqual([
    expect.stringContaining('warning: the authority Old Root in ca.crt expired on'),
  ]);
});

test('who judges dates by itself gets every one of them, of authorities and those in between too', async () => {
  const old = await issue({ name: 'Old Issuing', ca: {}, by: root, from: -99, to: -1 });
  await bring(await leafBy({ by: old }), [old], [root]);
  const { inventory, diagnostics } = await loadInventory(file, fakeServices, { expiry: 'left-alone' });
  expect(diagnostics).toEqual([]);
  expect(inventory?.certificates.issuers).toMatchObject([
    { name: 'Company Root', signedBy: 'theirs', isNeeded: true },
    { name: 'Old Issuing', notAfter: old.certificate.notAfter.getTime(), isNeeded: true },
  ]);
});

test('files in other forms are told apart, with what turns them into PEM', async () => {
  await bring(leaf, [between], [root]);
  const [crt, key, p12] = ['vip-public.crt', 'vip-public.key', 'vip-public.p12'].map(at);
  if (crt === undefined || key === undefined || p12 === undefined) return;
  const kept = textOf([leaf, between]);
  await execute('openssl', [
    'pkcs12',
    '-export',
    '-in',
    crt,
    '-inkey',
    key,
    '-out',
    p12,
    '-passout',
    'pass:x',
  ]);
  const made: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'vip-public.crt is in DER, and not PEM',
      'openssl x509 -inform der',
      ['x509', '-in', crt, '-outform', 'der'],
    ],
    ['vip-public.crt is a PKCS#12 file, and not PEM', 'openssl pkcs12', []],
    [
      'vip-public.crt is a PKCS#7 file, and not a list of PEM certificates',
      'openssl pkcs7 -inform der',
      ['crl2pkcs7', '-nocrl', '-certfile', crt, '-outform', 'der'],
    ],
    [
      'vip-public.crt is a PKCS#7 file, and not a list of PEM certificates',
      'openssl pkcs7 -inform pem',
      ['crl2pkcs7', '-nocrl', '-certfile', crt],
    ],
  ];
  for (const [message, hint, words] of made) {
    await put('vip-public.crt', kept);
    const out = at('out');
    if (words.length > 0) await execute('openssl', [...words, '-out', out]);
    await execute('cp', [words.length > 0 ? out : p12, crt]);
    const [first] = await said();
    expect(first).toMatchObject({ severity: 'error', message, hint: expect.stringContaining(hint) });
  }
});

test('one of a former authority of ours: where the authority that is there can sign, the way to one of its own is named', async () => {
  const [former, now] = [
    await issue({ name: 'lab authority', ca: {} }),
    await issue({ name: 'lab authority', ca: {} }),
  ];
  await bring(await leafBy({ by: former }), [], [now]);
  const [theirs] = await said();
  expect(theirs).toMatchObject({ severity: 'error', hint: expect.not.stringContaining('certs init') });
  await put('ca.key', now.key);
  const [ours] = await said();
  expect(ours).toMatchObject({
    severity: 'error',
    hint: expect.stringContaining('or remove it and its key, and run `mcp certs init`'),
  });
  await rm(at('vip-public.crt'));
  await rm(at('vip-public.key'));
  expect(await said()).toMatchObject([{ hint: expect.stringContaining('mcp certs init') }]);
});

/** A chain that nothing is wrong with. */
const sound = {
  rootDates: 'good' as keyof typeof dates,
  betweenDates: 'good' as keyof typeof dates,
  leafDates: 'good' as keyof typeof dates,
  ...{ root: 'P-256' as KeyKind, between: 'P-256' as KeyKind, leaf: 'P-256' as KeyKind },
  betweenIs: 'authority' as keyof typeof standings,
  rootPathLength: undefined as number | undefined,
  purposes: ['serverAuth'] as Wanted['purposes'],
  betweenPurposes: undefined as Wanted['purposes'],
  behind: 'between',
  trusted: 'root',
};

const dates = { good: {}, expired: { from: -99, to: -1 }, future: { from: 1, to: 99 } } as const;
const standings = {
  ...{ authority: { ca: {} }, plain: {}, mayNotSign: { ca: { mayNotSign: true } } },
  ...{ 'pathLength 0': { ca: { pathLength: 0 } } },
} as const;

const dated = fc.constantFrom<keyof typeof dates>('expired', 'future');
const kinds = fc.constantFrom<KeyKind>(
  ...(['RSA-2048', 'P-384', 'Ed25519', 'RSA-1024', 'RSA-2048 with SHA-1'] as const),
);
const purposes = fc.constantFrom<Wanted['purposes']>(undefined, ['serverAuth', 'clientAuth'], ['clientAuth']);

/** What may be odd about one: up to three things at once. */
const chains = fc
  .record({
    ...{ rootDates: dated, betweenDates: dated, leafDates: dated },
    ...{ root: kinds, between: kinds, leaf: kinds },
    betweenIs: fc.constantFrom<keyof typeof standings>('plain', 'mayNotSign', 'pathLength 0'),
    rootPathLength: fc.constantFrom(0, 1),
    purposes,
    betweenPurposes: purposes,
    behind: fc.constantFrom('between, root', 'root, between', 'none'),
    trusted: fc.constantFrom('root, between', 'between', 'other', 'other, root', 'leaf'),
  })
  .chain((odd) =>
    fc.subarray(Object.keys(odd), { maxLength: 3 }).map((names) => ({
      ...sound,
      ...Object.fromEntries(Object.entries(odd).filter(([name]) => names.includes(name))),
    })),
  );

test('a chain is taken where openssl verify takes it, and only there', { timeout: 120_000 }, async () => {
  const other = await issue({ name: 'Other Root', ca: {} });
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(chains, async (how) => {
      const top = await issue({
        name: 'Root',
        key: how.root,
        ca: how.rootPathLength === undefined ? {} : { pathLength: how.rootPathLength },
        ...dates[how.rootDates],
      });
      const middle = await issue({
        name: 'Between',
        key: how.between,
        by: top,
        ...dates[how.betweenDates],
        ...(how.betweenPurposes === undefined ? {} : { purposes: how.betweenPurposes }),
        ...standings[how.betweenIs],
      });
      const own = await leafBy({
        key: how.leaf,
        by: middle,
        ...dates[how.leafDates],
        ...(how.purposes === undefined ? {} : { purposes: how.purposes }),
      });
      const known: Readonly<Record<string, Issued>> = { root: top, between: middle, other, leaf: own };
      const named = (names: string) => names.split(', ').flatMap((name) => known[name] ?? []);
      await bring(own, named(how.behind), named(how.trusted));
      const errors = (await lines()).filter((line) => line.startsWith('error'));
      const { isTaken, words } = await openssl('sslserver', own, named(how.behind));
      if (isTaken) accepted += 1;
      expect({ isTaken: errors.length === 0 }, `${errors.join('; ')} | ${words}`).toEqual({ isTaken });
      // As hosts show theirs, to each other too.
      const asClient = await openssl('sslclient', own, named(how.behind));
      const chain = textOf([own, ...named(how.behind)]);
      const authorities = textOf(named(how.trusted));
      const objection = await objectionTo({ chain, key: own.key, authorities, as: 'both' });
      expect(objection === undefined, `${objection?.words} | ${words} | ${asClient.words}`).toBe(
        isTaken && asClient.isTaken,
      );
    }),
    { numRuns: 60 },
  );
  expect(accepted).toBeGreaterThan(10);
});

async function openssl(purpose: 'sslserver' | 'sslclient', own: Issued, behind: readonly Issued[]) {
  await put('own.pem', own.pem);
  await put('behind.pem', textOf(behind.length > 0 ? behind : [own]));
  const words = ['verify', '-purpose', purpose, '-auth_level', '2', '-no-CApath', '-no-CAstore'];
  const files = ['-CAfile', at('ca.crt'), '-untrusted', at('behind.pem'), at('own.pem')];
  return execute('openssl', [...words, ...files]).then(
    ({ stdout }) => ({ isTaken: true, words: stdout }),
    (cause: { stderr: string }) => ({ isTaken: false, words: cause.stderr }),
  );
}
