import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { type Diagnostic, error, warning } from '../model/diagnostic.ts';
import {
  type Certificate,
  type Certificates,
  renewBeforeMilliseconds,
  type Vip,
} from '../model/inventory.ts';
import { Secret } from '../model/secret.ts';
import { shownPath } from './operator.ts';
import { readText } from './read-file.ts';
import { readableByOthers, readSecretText } from './secret-file.ts';

/** What the folder of certificates holds for these VIPs, and what is wrong with it. */
export interface LoadedCertificates {
  readonly certificates: Certificates;
  readonly diagnostics: readonly Diagnostic[];
}

/** Names of the files in the folder: an authority, and a certificate with its key for each VIP that speaks TLS. */
export const authorityFiles = (directory: string) => filesOf(directory, 'ca');
/** The key of an authority that is announced and signs nothing yet. */
export const nextAuthorityKey = (directory: string): string => filesOf(directory, 'ca-next').key;
export const vipFiles = (directory: string, vip: Pick<Vip, 'name'>) => filesOf(directory, `vip-${vip.name}`);

/**
 * Reads the authority and the certificates of all VIPs with `tls: true`. `now` is in milliseconds since the epoch;
 * undefined: whoever asks judges by itself what has expired.
 */
export async function loadCertificates(
  directory: string,
  vips: readonly Vip[],
  now: number | undefined,
): Promise<LoadedCertificates> {
  const encrypted = vips.filter(({ tls }) => tls);
  if (encrypted.length === 0) return { certificates: { authority: undefined, vips: {} }, diagnostics: [] };
  const authority = await readAuthority(directory);
  if (authority.text === undefined) {
    return { certificates: { authority: undefined, vips: {} }, diagnostics: authority.diagnostics };
  }
  const loaded = await Promise.all(encrypted.map((vip) => loadFor(vip, { directory, authority, now })));
  const byName = loaded.flatMap(({ name, certificate }) =>
    certificate ? [[name, certificate] as const] : [],
  );
  return {
    certificates: { authority: authority.text, vips: Object.fromEntries(byName) },
    diagnostics: [...authority.diagnostics, ...loaded.flatMap(({ diagnostics }) => diagnostics)],
  };
}

/** What keeps `certificate` from serving `vip` at `now`, or at any time where that is undefined; empty: it serves. */
export function flawsOf(
  certificate: X509Certificate,
  vip: Vip,
  now: number | undefined,
): readonly { readonly message: string; readonly severity: Diagnostic['severity'] }[] {
  const end = Date.parse(certificate.validTo);
  const names = [vip.address, ...(vip.hostname === undefined ? [] : [vip.hostname])];
  const uncovered = names.filter((name) => !covers(certificate, name));
  return [
    ...(now === undefined ? [] : expiryOf(end, now)),
    ...uncovered.map((name) => ({ message: `does not cover ${name}`, severity: 'error' as const })),
  ];
}

function expiryOf(end: number, now: number) {
  const day = new Date(end).toISOString().slice(0, 10);
  if (end <= now) return [{ message: `expired on ${day}`, severity: 'error' as const }];
  if (end - now >= renewBeforeMilliseconds) return [];
  return [{ message: `expires on ${day}`, severity: 'warning' as const }];
}

const covers = (certificate: X509Certificate, name: string): boolean =>
  (/^[0-9.]+$/.test(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined;

const filesOf = (directory: string, stem: string) => ({
  certificate: join(directory, `${stem}.crt`),
  key: join(directory, `${stem}.key`),
});

interface Authority {
  readonly text: string | undefined;
  /** One, or the former and the next beside it while they change places. */
  readonly certificates: readonly X509Certificate[];
  readonly diagnostics: readonly Diagnostic[];
}

async function readAuthority(directory: string): Promise<Authority> {
  const { certificate: file, key } = authorityFiles(directory);
  const text = await readPem(file);
  if (text.kind === 'problem') {
    const diagnostics = [error(['certificates'], text.message, text.hint)];
    return { text: undefined, certificates: [], diagnostics };
  }
  const pems = eachCertificateIn(text.pem);
  const certificates = pems.flatMap((pem) => parseCertificate(pem) ?? []);
  const isWhole = certificates.length > 0 && certificates.length === pems.length;
  const wrong = isWhole ? [] : [error(['certificates'], `${shownPath(file)} is not a PEM certificate`)];
  const keys = [key, nextAuthorityKey(directory)];
  const flaws = await Promise.all(keys.map(keyFlaws));
  const diagnostics = [...wrong, ...flaws.flat(), ...strayKey(file, text.pem)];
  return { text: certificatesIn(text.pem), certificates, diagnostics };
}

/** Whoever reads the authority's key can sign for every VIP. It need not be here at all. */
async function keyFlaws(key: string): Promise<readonly Diagnostic[]> {
  const read = await readText(key);
  return read.kind === 'text' ? readableByOthers(key, ['certificates']) : [];
}

/** The authority's certificate goes to every host, for all to read. */
const strayKey = (file: string, pem: string): readonly Diagnostic[] =>
  pem.includes('PRIVATE KEY-----')
    ? [
        warning(
          ['certificates'],
          `${shownPath(file)} holds a private key, too: only its certificates are taken`,
          'keep the key in a file of its own that nobody else can read',
        ),
      ]
    : [];

/** The certificates of a PEM file, without whatever else stands there. */
const certificatesIn = (pem: string): string => `${eachCertificateIn(pem).join('\n')}\n`;

export const eachCertificateIn = (pem: string): readonly string[] =>
  [...pem.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)].map(([each]) => each);

async function loadFor(
  vip: Vip,
  { directory, authority, now }: { directory: string; authority: Authority; now: number | undefined },
): Promise<{ name: string; certificate?: Certificate; diagnostics: readonly Diagnostic[] }> {
  const { name } = vip;
  const path = ['vips', name, 'tls'];
  const files = vipFiles(directory, vip);
  const [pem, key] = await Promise.all([readPem(files.certificate), readPem(files.key)]);
  if (pem.kind === 'problem') return { name, diagnostics: [error(path, pem.message, pem.hint)] };
  if (key.kind === 'problem') return { name, diagnostics: [error(path, key.message, key.hint)] };
  const parsed = parseCertificate(certificatesIn(pem.pem));
  if (!parsed)
    return { name, diagnostics: [error(path, `${shownPath(files.certificate)} is not a PEM certificate`)] };
  const diagnostics = [
    ...(await readableByOthers(files.key, path)),
    ...mismatches(parsed, { pem: pem.pem, key: key.pem, authority }).map((message) =>
      error(path, `${shownPath(files.certificate)} ${message}`, renewHint(name)),
    ),
    ...flawsOf(parsed, vip, now).map(({ message, severity }) => ({
      ...(severity === 'error' ? error : warning)(
        path,
        `${shownPath(files.certificate)} ${message}`,
        renewHint(name),
      ),
    })),
  ];
  const certificate: Certificate = {
    certificate: certificatesIn(pem.pem),
    key: new Secret(key.pem),
    notAfter: Date.parse(parsed.validTo),
  };
  return { name, certificate, diagnostics };
}

const initHint = 'run `mcp certs init`';
const renewHint = (vip: string): string => `run \`mcp certs renew ${vip}\``;

function mismatches(
  certificate: X509Certificate,
  { pem, key, authority }: { pem: string; key: string; authority: Authority },
): readonly string[] {
  const isChain = eachCertificateIn(pem).length > 1;
  const issuers = isChain ? [] : authority.certificates;
  const isForeign = issuers.length > 0 && !issuers.some((issuer) => certificate.verify(issuer.publicKey));
  return [
    ...(matchesKey(certificate, key) ? [] : ['does not belong to the key beside it']),
    ...(isForeign ? ['was not signed by the authority beside it'] : []),
  ];
}

export function matchesKey(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

type Pem =
  | { readonly kind: 'pem'; readonly pem: string }
  | { readonly kind: 'problem'; readonly message: string; readonly hint: string };

async function readPem(file: string): Promise<Pem> {
  const read = await readSecretText(file);
  if (read.kind === 'text') return { kind: 'pem', pem: read.text };
  if (read.kind === 'closed')
    return { kind: 'problem', message: `${shownPath(file)} ${read.message}`, hint: read.hint };
  if (read.kind === 'missing') {
    return { kind: 'problem', message: `${shownPath(file)} does not exist yet`, hint: initHint };
  }
  return {
    kind: 'problem',
    message: `${shownPath(file)} can't be read: ${read.reason}`,
    hint: 'correct that, or name another folder as certificates in the inventory',
  };
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
