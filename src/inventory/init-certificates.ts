import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { McpError } from '../model/failure.ts';
import type { Vip } from '../model/inventory.ts';
import { authorityFiles, eachCertificateIn, flawsOf, matchesKey, vipFiles } from './certificates.ts';
import { shownPath } from './operator.ts';
import { readIfThere } from './read-file.ts';
import { readSecretIfThere, writeSecretText } from './secret-file.ts';
import { makeOwnedDirectory, writeOwned } from './write-owned.ts';

/** What is wanted of `mcp certs init`. */
export interface CertificatesWanted {
  readonly cloud: string;
  readonly directory: string;
  readonly vips: readonly Vip[];
  /** Names of VIPs whose certificates are made anew, or all that no longer serve. */
  readonly renew: readonly string[] | 'unfit' | 'none';
  /** For whom keys are encrypted; none: they are readable by their owner only. */
  readonly recipients: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What it did, by names of VIPs; `authority` says whether that was made too. */
export interface CertificatesReport {
  readonly directory: string;
  readonly authority: 'made' | 'kept';
  readonly made: readonly string[];
  readonly kept: readonly string[];
}

/**
 * Makes a private authority and a certificate for each VIP with `tls: true`, keeping what exists. Keys are readable by
 * their owner only. Throws McpError `invalid-arguments` where the authority's key is not there to sign with.
 */
export async function initCertificates(wanted: CertificatesWanted): Promise<CertificatesReport> {
  const { directory, vips } = wanted;
  x509.cryptoProvider.set(webcrypto);
  await makeOwnedDirectory(directory);
  const authority = await authorityIn(wanted);
  const served = vips.filter(({ tls }) => tls);
  const staying = await Promise.all(served.map((vip) => canStay(vip, wanted)));
  const kept = served.filter((_, index) => staying[index]);
  const made = served.filter((_, index) => !staying[index]);
  // All of them, before the first one is written.
  for (const vip of made) await refuseForeign(vip, wanted);
  for (const vip of made) await certify(vip, { ...wanted, authority: await authority.signer() });
  return { directory, authority: authority.state, made: made.map(nameOf), kept: kept.map(nameOf) };
}

const nameOf = ({ name }: Vip): string => name;

export interface Signer {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const days = 24 * 60 * 60 * 1000;
/** Clocks of hosts differ a little: what is made now must be valid on all of them now. */
const backdated = 60 * 60 * 1000;

async function authorityIn(wanted: CertificatesWanted) {
  const files = authorityFiles(wanted.directory);
  const pem = await readIfThere(files.certificate);
  if (pem === undefined) {
    const signer = await makeAuthority(wanted);
    return { state: 'made' as const, signer: async () => signer };
  }
  return { state: 'kept' as const, signer: () => readSigner(pem, files) };
}

async function makeAuthority(wanted: CertificatesWanted): Promise<Signer> {
  const signer = await newAuthority(wanted, `${wanted.cloud} authority`);
  await writePair(authorityFiles(wanted.directory), signer, wanted.recipients);
  return signer;
}

/** Its name tells it from an earlier one: who looks for the issuer of a certificate looks by name first. */
export async function newAuthority({ now }: Pick<CertificatesWanted, 'now'>, name: string): Promise<Signer> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name},O=mcp`,
    notBefore: new Date(now - backdated),
    notAfter: new Date(now + 3650 * days),
    signingAlgorithm: algorithm,
    keys: keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, key: keys.privateKey };
}

async function readSigner(pem: string, files: { readonly key: string }): Promise<Signer> {
  const keyPem = await readSecretIfThere(files.key);
  if (keyPem === undefined) {
    throw new McpError('invalid-arguments', `there is no ${shownPath(files.key)} to sign certificates with`, {
      hint: 'put certificates of your authority into that folder, or remove its ca.crt to start a new authority',
    });
  }
  try {
    const [der] = x509.PemConverter.decode(keyPem);
    const key = await webcrypto.subtle.importKey('pkcs8', der ?? new ArrayBuffer(0), algorithm, true, [
      'sign',
    ]);
    const own = eachCertificateIn(pem).find((each) => matchesKey(new X509Certificate(each), keyPem));
    return { certificate: new x509.X509Certificate(own ?? pem), key: key };
  } catch (cause) {
    throw new McpError('invalid-arguments', `${shownPath(files.key)} and the ca.crt beside it sign nothing`, {
      hint: 'put back the authority that `mcp certs init` has made (an ECDSA key for P-256), or remove both to start a new one',
      cause,
    });
  }
}

async function canStay(vip: Vip, { directory, renew, now }: CertificatesWanted): Promise<boolean> {
  const files = vipFiles(directory, vip);
  const [pem, key] = await Promise.all([readIfThere(files.certificate), readIfThere(files.key)]);
  if (pem === undefined || key === undefined) return false;
  if (renew === 'none') return true;
  if (renew !== 'unfit') return !renew.includes(vip.name);
  return flawsOf(certificateIn(files.certificate, pem), vip, now).length === 0;
}

/** A certificate that the operator brought is never replaced by one of ours, whatever it lacks. */
async function refuseForeign(vip: Vip, { directory }: CertificatesWanted): Promise<void> {
  const files = {
    own: vipFiles(directory, vip).certificate,
    authority: authorityFiles(directory).certificate,
  };
  const [pem, authority] = await Promise.all([readIfThere(files.own), readIfThere(files.authority)]);
  if (pem === undefined || authority === undefined) return;
  const own = certificateIn(files.own, pem);
  const pems = eachCertificateIn(authority);
  // Without any it is no PEM file, which is said then.
  const authorities = (pems.length === 0 ? [authority] : pems).map((each) =>
    certificateIn(files.authority, each),
  );
  if (authorities.some(({ publicKey }) => own.verify(publicKey))) return;
  throw new McpError(
    'not-confirmed',
    `the certificate of the VIP ${vip.name} was not made by the authority here`,
    {
      hint: `get a new one where it came from, or remove ${shownPath(vipFiles(directory, vip).certificate)} for one of ours`,
    },
  );
}

function certificateIn(file: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new McpError('invalid-arguments', `${shownPath(file)} is not a PEM certificate`, {
      hint: 'put back what was there, or remove it to have one made',
      cause,
    });
  }
}

async function certify(
  vip: Vip,
  { directory, cloud, recipients, now, authority }: CertificatesWanted & { readonly authority: Signer },
): Promise<void> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const name = vip.hostname ?? vip.address;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name},O=${cloud}`,
    issuer: authority.certificate.subject,
    notBefore: new Date(now - backdated),
    notAfter: new Date(now + 825 * days),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: authority.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'ip', value: vip.address },
        ...(vip.hostname === undefined ? [] : [{ type: 'dns' as const, value: vip.hostname }]),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await writePair(vipFiles(directory, vip), { certificate, key: keys.privateKey }, recipients);
}

/** The key first: a certificate without its key would be kept by the next run. */
async function writePair(
  files: { readonly certificate: string; readonly key: string },
  { certificate, key }: Signer,
  recipients: readonly string[],
): Promise<void> {
  await writeSecretText(files.key, await keyAsPem(key), recipients);
  await writeOwned(files.certificate, `${certificate.toString('pem')}\n`, 0o644);
}

export async function keyAsPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`;
}
