import { X509Certificate } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { ownerId } from '../model/certificate.ts';
import { McpError } from '../model/failure.ts';
import { isMadeHere } from './authority.ts';
import { authorityFiles, nextAuthorityKey, ownerFiles } from './certificate-files.ts';
import { type CertificatesWanted, initCertificates, keyAsPem, newAuthority } from './init-certificates.ts';
import { shownPath } from './operator.ts';
import { eachCertificateIn } from './pem-file.ts';
import { openKey } from './private-key.ts';
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
  const owner = await ownerOf(files.key, pems, wanted);
  const nextKey = nextAuthorityKey(directory);
  const announced = await ownerOf(nextKey, pems, wanted);
  const signer = announced ?? owner;
  if (signer === undefined) {
    throw new McpError('invalid-arguments', `there is no ${shownPath(files.key)} with its certificate`, {
      hint: 'only an authority that `mcp certs init` has made is rotated here; replace yours where it is kept',
    });
  }
  if (announced === undefined && pems.length === 1) return announce(wanted, all);
  if (announced !== undefined) await takeOver(nextKey, files.key, wanted);
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

const isOurs = (pem: string): boolean => isMadeHere(new X509Certificate(pem));

/** The one of `pems` whose key stands in `file`; undefined where there is no such file, or it is the key of none. */
async function ownerOf(
  file: string,
  pems: readonly string[],
  { ask }: Pick<CertificatesWanted, 'ask'>,
): Promise<string | undefined> {
  const text = pems.length === 0 ? undefined : await readSecretIfThere(file);
  if (text === undefined) return undefined;
  const opened = await openKey(file, text, ask);
  if (opened.kind === 'closed') {
    throw new McpError('invalid-arguments', opened.message, { hint: opened.hint });
  }
  if (opened.kind !== 'key') return undefined;
  const { key } = opened;
  return pems.find((pem) => new X509Certificate(pem).checkPrivateKey(key));
}

/** The former key is written over, wherever it lies; with both there the next turn does it once more. */
async function takeOver(next: string, key: string, { recipients }: Pick<CertificatesWanted, 'recipients'>) {
  await writeSecretText(key, (await readSecretIfThere(next)) ?? '', recipients);
  await rm(next);
}

/** Owners whose certificates come from one of these authorities, and not from the one that signs now. */
async function signedByOthers(
  { directory, owners }: Pick<CertificatesWanted, 'directory' | 'owners'>,
  { signer, pems }: { readonly signer: string; readonly pems: readonly string[] },
): Promise<readonly string[]> {
  const found = await Promise.all(
    owners.map(async (owner) => {
      const own = await readIfThere(ownerFiles(directory, owner).certificate);
      const issuer = own === undefined ? undefined : pems.find((pem) => isSignedBy(own, pem));
      return issuer === undefined || issuer === signer ? [] : [ownerId(owner)];
    }),
  );
  return found.flat();
}

const isSignedBy = (own: string, issuer: string): boolean =>
  new X509Certificate(own).verify(new X509Certificate(issuer).publicKey);

const bundle = (pems: readonly string[]): string => pems.map((pem) => `${pem.trim()}\n`).join('');
