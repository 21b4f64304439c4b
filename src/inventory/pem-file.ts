import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { shownPath } from './operator.ts';
import { readSecretText, type SecretRead } from './secret-file.ts';

/** What came of reading a file with a certificate or a key. */
export type Pem =
  | { readonly kind: 'pem'; readonly pem: string }
  | {
      /** `missing`: no such file. `closed`: whoever runs this can't open it. `unfit`: it is there and can't be used. */
      readonly kind: 'missing' | 'closed' | 'unfit';
      /** What is the matter, the file first, and what to do. */
      readonly message: string;
      readonly hint: string;
    };

/** What a file is to hold. */
export type Held = 'certificate' | 'key';

/** Reads a PEM file as other systems write it, too: with a byte order mark, or lines that end as on Windows. */
export async function readPem(file: string, held: Held): Promise<Pem> {
  const read = await readSecretText(file);
  const shown = shownPath(file);
  if (read.kind === 'text') return pemOf(plainLines(read.text), file, held);
  if (read.kind === 'missing') {
    return { kind: 'missing', message: `${shown} does not exist yet`, hint: 'run `mcp certs init`' };
  }
  if (read.kind === 'closed') return { kind: 'closed', message: `${shown} ${read.message}`, hint: read.hint };
  return (await otherForm(file, held)) ?? unreadable(shown, read);
}

const unreadable = (shown: string, { reason }: Extract<SecretRead, { kind: 'unreadable' }>): Pem => ({
  kind: 'unfit',
  message: `${shown} can't be read: ${reason}`,
  hint: 'correct that, or name another folder as certificates in the inventory',
});

const plainLines = (text: string): string => text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');

/** The certificates of a PEM text, each without what else stands there. */
export const eachCertificateIn = (pem: string): readonly string[] =>
  blocksIn(pem, ({ label }) => label === 'CERTIFICATE');

/** The private keys of a PEM text, whatever form they have. */
export const eachKeyIn = (pem: string): readonly string[] =>
  blocksIn(pem, ({ label }) => label.endsWith('PRIVATE KEY'));

function blocksIn(pem: string, isWanted: (block: { readonly label: string }) => boolean): readonly string[] {
  const blocks = plainLines(pem).matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g);
  return [...blocks].flatMap(([text, label = '']) => (isWanted({ label }) ? [text] : []));
}

function pemOf(pem: string, file: string, held: Held): Pem {
  if (/^-----BEGIN (PKCS7|CMS)-----$/m.test(pem) && held === 'certificate') return bundleOf(file, 'pem');
  return { kind: 'pem', pem };
}

/** Undefined: neither of those that certificate authorities hand out. */
async function otherForm(file: string, held: Held): Promise<Pem | undefined> {
  const bytes = await beginningOf(file);
  const shown = shownPath(file);
  if (bytes[0] !== sequence) return undefined;
  const inside = bytes.subarray(contentAt(bytes));
  if (inside.subarray(0, version3.length).equals(version3)) {
    const what = held === 'key' ? '-nocerts' : '-nokeys';
    return {
      kind: 'unfit',
      message: `${shown} is a PKCS#12 file, and not PEM`,
      hint: `take its ${held} out: \`openssl pkcs12 -in ${shown} ${what} -out ${shown}.pem\`, then put that in its place`,
    };
  }
  if (inside[0] === objectIdentifier) return bundleOf(file, 'der');
  const command = held === 'key' ? 'pkey' : 'x509';
  return {
    kind: 'unfit',
    message: `${shown} is in DER, and not PEM`,
    hint: `run \`openssl ${command} -inform der -in ${shown} -out ${shown}.pem\`, then put that in its place`,
  };
}

/** Signs of DER, X.690: what a file of it begins with, and what its first element may be. */
const sequence = 0x30;
const objectIdentifier = 0x06;
/** INTEGER 3 and then another sequence: PFX of RFC 7292. A key begins with a lower number. */
const version3 = Buffer.from([0x02, 0x01, 0x03]);

/** Behind the tag and the length, which may take several bytes. */
const contentAt = (bytes: Buffer): number => {
  const length = bytes[1] ?? 0;
  return length < 0x80 ? 2 : 2 + (length & 0x7f);
};

const bundleOf = (file: string, form: 'pem' | 'der'): Pem => {
  const shown = shownPath(file);
  return {
    kind: 'unfit',
    message: `${shown} is a PKCS#7 file, and not a list of PEM certificates`,
    hint: `run \`openssl pkcs7 -inform ${form} -in ${shown} -print_certs -out ${shown}.pem\`, then put that in its place`,
  };
};

async function beginningOf(file: string): Promise<Buffer> {
  try {
    // Nobody waits for what a pipe has to say.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    // Why it can't be read has been found out by then.
    return Buffer.alloc(0);
  }
}
