import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { type CertificateOwner, datedFlaw, ownerId, ownerInWords } from '../model/certificate.ts';
import { McpError } from '../model/failure.ts';
import { readAuthority, withoutAuthority } from './authority.ts';
import { authorityFiles, ownerFiles } from './certificate-files.ts';
import { isAddress, purposesLackedBy, uncovered } from './certificate-flaws.ts';
import { datesOf } from './chain.ts';
import type { AskPassword } from './key-passwords.ts';
import { shownPath } from './operator.ts';
import { eachCertificateIn } from './pem-file.ts';
import { readIfThere } from './read-file.ts';
import { writeSecretText } from './secret-file.ts';
import { authorityKeyIdentifier, ecdsa, readSigner, type Signer } from './signer.ts';
import { makeOwnedDirectory, writeOwned } from './write-owned.ts';

/** What is wanted of `mcp certs init`. */
export interface CertificatesWanted {
  readonly cloud: string;
  readonly directory: string;
  readonly owners: readonly CertificateOwner[];
  /** Ids of owners whose certificates are made anew, or all that no longer serve. */
  readonly renew: readonly string[] | 'unfit' | 'none';
  /** For whom keys are encrypted; none: they are readable by their owner only. */
  readonly recipients: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Asks for the password of the authority's key; undefined: nobody is asked. */
  readonly ask?: AskPassword | undefined;
}

/** What it did, by owner; `authority` says whether that was made too. */
export interface CertificatesReport {
  readonly directory: string;
  readonly authority: 'made' | 'kept';
  readonly made: readonly CertificateOwner[];
  readonly kept: readonly CertificateOwner[];
}

/**
 * Makes a private authority and a certificate for each owner, keeping what exists. Keys are readable by
 * their owner only. Throws McpError `invalid-arguments` where the authority's key is not there to sign with.
 */
export async function initCertificates(wanted: CertificatesWanted): Promise<CertificatesReport> {
  const { directory, owners } = wanted;
  x509.cryptoProvider.set(webcrypto);
  await makeOwnedDirectory(directory);
  const authority = await authorityIn(wanted);
  const signers = await signersIn(directory);
  const found = await Promise.all(owners.map((owner) => foundFor(owner, { directory, signers })));
  const made = found.filter((each) => !canStay(each, wanted));
  // All of them, before the first one is written.
  for (const each of made) refuseForeign(each, directory);
  for (const { owner } of made) await certify(owner, { ...wanted, authority: await authority.signer() });
  const kept = owners.filter((owner) => !made.some((each) => each.owner === owner));
  return { directory, authority: authority.state, made: made.map(({ owner }) => owner), kept };
}

const days = 24 * 60 * 60 * 1000;
/** Clocks of hosts differ a little: what is made now must be valid on all of them now. */
const backdated = 60 * 60 * 1000;

async function authorityIn(wanted: CertificatesWanted) {
  const { directory, owners, ask, now } = wanted;
  const files = authorityFiles(directory);
  const pem = await readIfThere(files.certificate);
  if (pem === undefined) {
    await refuseOrphans(directory, owners);
    const signer = await makeAuthority(wanted);
    return { state: 'made' as const, signer: async () => signer };
  }
  return { state: 'kept' as const, signer: () => readSigner({ pem, files, ask, now }) };
}

/** A new authority would have signed none of what is there. */
async function refuseOrphans(directory: string, owners: readonly CertificateOwner[]): Promise<void> {
  const [first] = await withoutAuthority(directory, owners);
  if (first === undefined) return;
  throw new McpError(
    'invalid-arguments',
    first.message,
    first.hint === undefined ? {} : { hint: first.hint },
  );
}

async function makeAuthority(wanted: CertificatesWanted): Promise<Signer> {
  const signer = await newAuthority(wanted, `${wanted.cloud} authority`);
  await writePair(authorityFiles(wanted.directory), signer, wanted.recipients);
  return signer;
}

/** Its name tells it from an earlier one: who looks for the issuer of a certificate looks by name first. */
export async function newAuthority({ now }: Pick<CertificatesWanted, 'now'>, name: string): Promise<Signer> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name},O=mcp`,
    notBefore: new Date(now - backdated),
    notAfter: new Date(now + 3650 * days),
    signingAlgorithm: ecdsa,
    keys: keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, key: keys.privateKey, algorithm: ecdsa, follows: '' };
}

/** What lies in the folder for an owner. */
interface Found {
  readonly owner: CertificateOwner;
  readonly isWhole: boolean;
  /** Undefined where there is none. */
  readonly certificate: X509Certificate | undefined;
  /** Whether an operator brought it: none of those whose certificates are made here has signed it. */
  readonly isForeign: boolean;
}

async function foundFor(
  owner: CertificateOwner,
  {
    directory,
    signers,
  }: Pick<CertificatesWanted, 'directory'> & { readonly signers: readonly X509Certificate[] },
): Promise<Found> {
  const files = ownerFiles(directory, owner);
  const [pem, key] = await Promise.all([readIfThere(files.certificate), readIfThere(files.key)]);
  const certificate = pem === undefined ? undefined : certificateIn(files.certificate, pem);
  return {
    owner,
    isWhole: pem !== undefined && key !== undefined,
    certificate,
    isForeign: certificate !== undefined && !signers.some(({ publicKey }) => certificate.verify(publicKey)),
  };
}

function canStay(
  { owner, isWhole, certificate, isForeign }: Found,
  { renew, now }: Pick<CertificatesWanted, 'renew' | 'now'>,
): boolean {
  if (!isWhole || certificate === undefined) return false;
  if (renew === 'none') return true;
  if (renew !== 'unfit') return !renew.includes(ownerId(owner));
  // What an operator brought need not have the names that ours have, and what it lacks `mcp validate` says.
  if (isForeign) return true;
  return (
    datedFlaw(datesOf(certificate), now) === undefined &&
    uncovered(certificate, owner.names).length === 0 &&
    purposesLackedBy(certificate, owner).length === 0
  );
}

/** A certificate that the operator brought is never replaced by one of ours, whatever it lacks. */
function refuseForeign({ owner, isForeign }: Found, directory: string): void {
  if (!isForeign) return;
  throw new McpError(
    'not-confirmed',
    `the certificate of ${ownerInWords(owner)} was not made by the authority here`,
    {
      hint: `get a new one where it came from, or remove ${shownPath(ownerFiles(directory, owner).certificate)} for one of ours`,
    },
  );
}

async function signersIn(directory: string): Promise<readonly X509Certificate[]> {
  const { signers, wrong } = await readAuthority(directory);
  const broken = wrong.find(({ severity }) => severity === 'error');
  if (broken === undefined) return signers;
  throw new McpError(
    'invalid-arguments',
    broken.message,
    broken.hint === undefined ? {} : { hint: broken.hint },
  );
}

/** The one that is for its owner: some files have those that signed it before it. */
function certificateIn(file: string, pem: string): X509Certificate {
  try {
    const pems = eachCertificateIn(pem);
    const all = (pems.length === 0 ? [pem] : pems).map((each) => new X509Certificate(each));
    const [first] = all;
    if (first === undefined) throw new Error('it holds none');
    return all.find(({ ca }) => !ca) ?? first;
  } catch (cause) {
    throw new McpError('invalid-arguments', `${shownPath(file)} is not a PEM certificate`, {
      hint: 'put back what was there, or remove it to have one made',
      cause,
    });
  }
}

async function certify(
  owner: CertificateOwner,
  { directory, cloud, recipients, now, authority }: CertificatesWanted & { readonly authority: Signer },
): Promise<void> {
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
  const [name = owner.name] = owner.names;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name},O=${cloud}`,
    issuer: authority.certificate.subjectName,
    notBefore: new Date(now - backdated),
    // Nobody trusts it for longer than whoever signed it.
    notAfter: new Date(Math.min(now + 825 * days, authority.certificate.notAfter.getTime())),
    signingAlgorithm: authority.algorithm,
    publicKey: keys.publicKey,
    signingKey: authority.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        // Members of a cluster are each other's clients.
        ...(owner.kind === 'host' ? [x509.ExtendedKeyUsage.clientAuth] : []),
      ]),
      new x509.SubjectAlternativeNameExtension(
        owner.names.map((value) => ({ type: isAddress(value) ? 'ip' : 'dns', value })),
      ),
      await authorityKeyIdentifier(authority.certificate),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await writePair(
    ownerFiles(directory, owner),
    { certificate, key: keys.privateKey, follows: authority.follows },
    recipients,
  );
}

/** The key first: a certificate without its key would be kept by the next run. */
async function writePair(
  files: { readonly certificate: string; readonly key: string },
  { certificate, key, follows }: Pick<Signer, 'certificate' | 'key' | 'follows'>,
  recipients: readonly string[],
): Promise<void> {
  await writeSecretText(files.key, await keyAsPem(key), recipients);
  await writeOwned(files.certificate, `${certificate.toString('pem')}\n${follows}`, 0o644);
}

export async function keyAsPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`;
}
