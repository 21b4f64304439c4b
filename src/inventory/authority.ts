import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { CertificateOwner } from '../model/certificate.ts';
import { type Diagnostic, error } from '../model/diagnostic.ts';
import { authorityFiles, type Flaws, nextAuthorityKey, ownerFiles, strayKey } from './certificate-files.ts';
import { calledIn } from './chain.ts';
import { shownPath } from './operator.ts';
import { eachCertificateIn, readPem } from './pem-file.ts';
import { readableByOthers } from './secret-file.ts';

/** What the folder of certificates holds of whoever signs them. */
export interface Authority extends Flaws {
  /** Undefined where there is none, or none that can be read. */
  readonly text: string | undefined;
  /** One, or the former and the next beside it while they change places; roots and what they have signed of an operator's. */
  readonly certificates: readonly X509Certificate[];
  /** Whether the key of one of them is here, as far as that can be seen without opening it. */
  readonly canSign: boolean;
  /** Those whose certificates may be made anew here; what others among them have signed is an operator's own. */
  readonly signers: readonly X509Certificate[];
}

/** Reads ca.crt, and looks at the keys beside it. */
export async function readAuthority(directory: string): Promise<Authority> {
  const { certificate: file, key } = authorityFiles(directory);
  const read = await readPem(file, 'certificate');
  if (read.kind !== 'pem') {
    const told = [error(['certificates'], read.message, read.hint)];
    const flaws = read.kind === 'unfit' ? { wrong: told, missing: [] } : { wrong: [], missing: told };
    return { text: undefined, certificates: [], canSign: false, signers: [], ...flaws };
  }
  const pems = eachCertificateIn(read.pem);
  const certificates = pems.flatMap((pem) => parseCertificate(pem) ?? []);
  const isWhole = certificates.length > 0 && certificates.length === pems.length;
  const broken = isWhole ? [] : [error(['certificates'], `${shownPath(file)} is not a PEM certificate`)];
  const keys = await Promise.all([key, nextAuthorityKey(directory)].map((each) => keyOf(each, certificates)));
  const wrong = [
    ...broken,
    ...keys.flatMap(({ flaws }) => flaws),
    ...strayKey(file, read.pem, ['certificates']),
  ];
  const text = `${pems.join('\n')}\n`;
  const canSign = keys.some((each) => each.canSign);
  return { text, certificates, canSign, signers: signersAmong(certificates, keys), wrong, missing: [] };
}

interface AuthorityKey {
  readonly flaws: readonly Diagnostic[];
  readonly canSign: boolean;
  /** Undefined: whose it is can't be seen without its password. */
  readonly signs?: readonly X509Certificate[];
}

/** Made here counts without its key too: that is written over in its successor's turn, and then what it signed is made anew. */
function signersAmong(
  certificates: readonly X509Certificate[],
  keys: readonly AuthorityKey[],
): readonly X509Certificate[] {
  const madeHere = certificates.filter(isMadeHere);
  // Most likely the key is theirs, and what an operator has brought is not to be lost by a guess.
  if (keys.some(({ signs }) => signs === undefined)) return madeHere.length > 0 ? madeHere : certificates;
  const own = keys.flatMap(({ signs = [] }) => signs);
  return certificates.filter((each) => madeHere.includes(each) || own.includes(each));
}

/** Certificates whose authority is not told, as mistakes: an authority that is made now would have signed none of them. */
export async function withoutAuthority(
  directory: string,
  owners: readonly Pick<CertificateOwner, 'kind' | 'name'>[],
): Promise<readonly Diagnostic[]> {
  const authority = shownPath(authorityFiles(directory).certificate);
  const files = owners.map((owner) => ownerFiles(directory, owner).certificate);
  const read = await Promise.all(
    files.map(async (file) => ({ file, read: await readPem(file, 'certificate') })),
  );
  const [first] = read.flatMap(({ file, read: { kind, ...pem } }) =>
    kind === 'pem' && 'pem' in pem ? [{ file, certificates: parsedIn(pem.pem) }] : [],
  );
  if (first === undefined) return [];
  const file = shownPath(first.file);
  const root = first.certificates.find((each) => each.checkIssued(each));
  const what =
    root === undefined
      ? `the root certificate that it comes from (by way of ${calledIn(first.certificates.at(-1)?.issuer ?? '')})`
      : `the root that stands in ${file} (${calledIn(root.subject)})`;
  return [
    error(
      ['certificates'],
      `${authority} is not there, and without it nothing inside trusts ${file}`,
      `put ${what} there; to have an authority made instead, remove the certificates of VIPs and hosts first`,
    ),
  ];
}

/** Whether `mcp certs init` has made it. */
export const isMadeHere = ({ subject }: X509Certificate): boolean => subject.split('\n').includes('O=mcp');

/** Whoever reads the authority's key can sign for everybody. It need not be here at all. */
async function keyOf(file: string, certificates: readonly X509Certificate[]): Promise<AuthorityKey> {
  const read = await readPem(file, 'key');
  if (read.kind === 'missing') return { flaws: [], canSign: false, signs: [] };
  const flaws = read.kind === 'unfit' ? [] : await readableByOthers(file, ['certificates']);
  if (read.kind === 'closed') return { flaws, canSign: true };
  if (read.kind !== 'pem') return { flaws, canSign: false, signs: [] };
  const key = keyInTheClear(read.pem);
  // Nobody is asked for a password here.
  if (key === undefined && read.pem.includes('ENCRYPTED')) return { flaws, canSign: true };
  if (key === undefined) return { flaws, canSign: false, signs: [] };
  const signs = certificates.filter((each) => each.checkPrivateKey(key));
  return { flaws, canSign: signs.length > 0, signs };
}

function keyInTheClear(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** Each certificate of a PEM file that is one; empty where any is not. */
export function parsedIn(pem: string): readonly X509Certificate[] {
  const pems = eachCertificateIn(pem);
  const parsed = pems.flatMap((each) => parseCertificate(each) ?? []);
  return parsed.length === pems.length ? parsed : [];
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
