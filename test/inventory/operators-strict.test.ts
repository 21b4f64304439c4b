import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { strictFlaws } from '../../src/inventory/strict-rules.ts';
import { type Careless, type Issued, issue } from '../support/company.ts';

const execute = promisify(execFile);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-strict-'));
});
afterAll(() => rm(folder, { recursive: true }));

const ways: readonly (readonly Careless[])[] = [
  [],
  ['no own identifier'],
  ['no identifier of its signer'],
  ['no usage'],
  ['loose constraints'],
];

const chains = ['root', 'between', 'leaf'].flatMap((who) => ways.map((careless) => ({ who, careless })));

test.each(chains)(
  '$who with $careless: flaws are told where openssl verify -x509_strict has some, and only there',
  async ({ who, careless }) => {
    const of = (name: string) => (name === who ? { careless } : {});
    const root = await issue({ name: 'Root', ca: {}, ...of('root') });
    const between = await issue({ name: 'Between', ca: {}, by: root, ...of('between') });
    const leaf = await issue({ name: 'db.lab', names: ['db.lab'], by: between, ...of('leaf') });
    const flaws = strictFlaws([leaf, between, root].map(({ pem }) => new X509Certificate(pem)));
    const { isTaken, words } = await openssl({ root, between, leaf }, '-x509_strict');
    expect({ isTaken: flaws.length === 0 }, `${JSON.stringify(flaws)} ${words}`).toEqual({ isTaken });
    // Without it none of this is an obstacle, or it would be told anyway.
    expect(await openssl({ root, between, leaf })).toMatchObject({ isTaken: true });
  },
);

test('what is told says which certificate it is, and who refuses it', async () => {
  const root = await issue({ name: 'Company Root', ca: {}, careless: ['no usage'] });
  const leaf = await issue({ name: 'db.lab', by: root, careless: ['no identifier of its signer'] });
  expect(strictFlaws([leaf, root].map(({ pem }) => new X509Certificate(pem)))).toEqual([
    {
      message:
        'has no authority key identifier: Python 3.13 refuses that, and with it whoever uses the database on Debian 13',
    },
    {
      message:
        'rests on Company Root, which does not say what its key is for (keyUsage): Python 3.13 refuses that, and with it whoever uses the database on Debian 13',
    },
  ]);
});

async function openssl(
  { root, between, leaf }: Readonly<Record<'root' | 'between' | 'leaf', Issued>>,
  ...how: readonly string[]
) {
  const file = async (name: string, { pem }: Issued) => {
    await writeFile(join(folder, name), pem);
    return join(folder, name);
  };
  const trusted = ['-CAfile', await file('root.pem', root), '-untrusted', await file('between.pem', between)];
  return execute('openssl', ['verify', ...how, ...trusted, await file('leaf.pem', leaf)]).then(
    () => ({ isTaken: true, words: '' }),
    (failed: unknown) => ({ isTaken: false, words: String(failed) }),
  );
}
