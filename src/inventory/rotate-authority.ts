import { X509Certificate } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { McpError } from '../model/failure.ts';
import { authorityFiles, eachCertificateIn, matchesKey, nextAuthorityKey, vipFiles } from './certificates.ts';
import { type CertificatesWanted, initCertificates, keyAsPem, newAuthority } from './init-certificates.ts';
import { shownPath } from './operator.ts';
import { readIfThere } from './read-file.ts';
import { readSecretIfThere, writeSecretText } from './secret-file.ts';
import { writeOwned } from './write-owned.ts';

/**
 * A turn of the authority, each of which has to reach every host before the next: a new one is `announced`, so that all trust
 * both; it `signs`, with certificates made anew; and the former is `dropped`.
 */
export type AuthorityTurn = 'announced' | 'signs' | 'dropped';

/**
 * Gives the authority its next turn; cut off in the middle, the same command does the rest. Throws McpError
 * `invalid-arguments` where the authority is not ours: without its key nothing can follow on it.
 */
export async function rotateAuthority(wanted: Omit<CertificatesWanted, 'renew'>): Promise<AuthorityTurn> {
  const { directory } = wanted;
  const files = authorityFiles(directory);
  const all = eachCertificateIn((await readIfThere(files.certificate)) ?? '');
  // Others that an operator trusts besides stay.
  const pems = all.filter(isOurs);
  const foreign = all.filter((pem) => !isOurs(pem));
  const key = await readSecretIfThere(files.key);
  const owner = key === undefined ? undefined : ownerOf(key, pems);
  const nextKey = nextAuthorityKey(directory);
  const next = await readSecretIfThere(nextKey);
  const announced = next === undefined ? undefined : ownerOf(next, pems);
  const signer = announced ?? owner;
  if (signer === undefined) {
    throw new McpError('invalid-arguments', `there is no ${shownPath(files.key)} with its certificate`, {
      hint: 'only an authority that `mcp certs init` has made is rotated here; replace yours where it is kept',
    });
  }
  if (announced === undefined && pems.length === 1) return announce(wanted, all);
  if (announced !== undefined) await rename(nextKey, files.key);
  const renew = await signedByOthers(wanted, { signer, pems });
  if (renew.length > 0) {
    await initCertificates({ ...wanted, renew });
    return 'signs';
  }
  await writeOwned(files.certificate, bundle([signer, ...foreign]), 0o644);
  return 'dropped';
}

/** The key first: without its certificate it is nobody's, and made anew. */
async function announce(wanted: Omit<CertificatesWanted, 'renew'>, pems: readonly string[]) {
  const { directory, cloud, recipients, now } = wanted;
  const today = new Date(now).toISOString().slice(0, 10);
  const made = await newAuthority(wanted, `${cloud} authority of ${today}`);
  await writeSecretText(nextAuthorityKey(directory), await keyAsPem(made.key), recipients);
  const both = bundle([...pems, made.certificate.toString('pem')]);
  await writeOwned(authorityFiles(directory).certificate, both, 0o644);
  return 'announced' as const;
}

/** `mcp certs init` has made it. */
const isOurs = (pem: string): boolean => new X509Certificate(pem).subject.split('\n').includes('O=mcp');

const ownerOf = (key: string, pems: readonly string[]): string | undefined =>
  pems.find((pem) => matchesKey(new X509Certificate(pem), key));

/** VIPs whose certificates come from one of these authorities, and not from the one that signs now. */
async function signedByOthers(
  { directory, vips }: Pick<CertificatesWanted, 'directory' | 'vips'>,
  { signer, pems }: { readonly signer: string; readonly pems: readonly string[] },
): Promise<readonly string[]> {
  const found = await Promise.all(
    vips.map(async (vip) => {
      const own = vip.tls ? await readIfThere(vipFiles(directory, vip).certificate) : undefined;
      const issuer = own === undefined ? undefined : pems.find((pem) => isSignedBy(own, pem));
      return issuer === undefined || issuer === signer ? [] : [vip.name];
    }),
  );
  return found.flat();
}

const isSignedBy = (own: string, issuer: string): boolean =>
  new X509Certificate(own).verify(new X509Certificate(issuer).publicKey);

const bundle = (pems: readonly string[]): string => pems.map((pem) => `${pem.trim()}\n`).join('');
