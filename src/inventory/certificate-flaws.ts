import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { CertificateOwner } from '../model/certificate.ts';
import { type Chain, calledIn, isIn, pathOf } from './chain.ts';
import type { Objection } from './shown-to-each-other.ts';

/** Names that a certificate lacks, as flaws of it. Common names are nothing that clients look at any more. */
export const uncovered = (certificate: X509Certificate, names: readonly string[]): readonly string[] =>
  names.filter((name) => !covers(certificate, name)).map((name) => `does not cover ${name}`);

export const isAddress = (name: string): boolean => isIP(name) !== 0;

const covers = (certificate: X509Certificate, name: string): boolean =>
  (isAddress(name)
    ? certificate.checkIP(name)
    : certificate.checkHost(name, { subject: 'never', partialWildcards: false })) !== undefined;

/** A host's daemons are each other's clients too. One that names no purpose is for all. */
export function purposesLackedBy(
  { keyUsage }: X509Certificate,
  { kind }: Pick<CertificateOwner, 'kind'>,
): readonly string[] {
  // Object identifiers of the extended key usages, whatever Node calls the list.
  const purposes: readonly string[] = keyUsage ?? [];
  if (purposes.length === 0) return [];
  const wanted = [
    { oid: '1.3.6.1.5.5.7.3.1', words: 'servers', by: ['vip', 'host'] },
    { oid: '1.3.6.1.5.5.7.3.2', words: 'clients', by: ['host'] },
  ];
  return wanted
    .filter(({ oid, by }) => by.includes(kind) && !purposes.includes(oid))
    .map(({ words }) => `is not for ${words}`);
}

/** A flaw, and what to do about it. */
export interface ChainFlaw {
  readonly message: string;
  readonly hint?: string;
}

/** OpenSSL's objection to a chain, in words that say which certificate it is about. `authorities`: name of their file. */
export function flawIn(
  { code, words, by }: Objection,
  chain: Chain,
  { trusted, authorities, now }: { trusted: readonly X509Certificate[]; authorities: string; now: number },
): ChainFlaw {
  const path = pathOf(chain, trusted, now);
  const signers = path.slice(1);
  const unable = [...signers, ...chain.issuers].find(({ ca }) => !ca);
  if (unable !== undefined) {
    const name = calledIn(unable.subject);
    return { message: `was signed by way of ${name}, which is no authority (CA:TRUE)` };
  }
  if (endings.has(code)) return endOf(path, { trusted, authorities });
  switch (code) {
    case 'PATH_LENGTH_EXCEEDED':
      return {
        message: 'rests on an authority that allows fewer others between it and a certificate (pathlen)',
      };
    case 'CERT_SIGNATURE_FAILURE':
      return {
        message: `bears a signature that ${signers.map(({ subject }) => calledIn(subject)).join(' or ')} did not make`,
        hint: `look for an authority of the same name that has another key, in ${authorities} or behind the certificate`,
      };
    case 'INVALID_PURPOSE':
      return {
        message: `may not be used by ${by === 'client' ? 'servers' : 'clients'}, as its key usage or that of its authorities has it`,
      };
    default:
      return { message: `is refused by OpenSSL: ${words}` };
  }
}

/** What OpenSSL says, in its several ways, of a chain that does not end at a root which is trusted. */
const endings: ReadonlySet<string> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

function endOf(
  path: readonly X509Certificate[],
  { trusted, authorities }: { trusted: readonly X509Certificate[]; authorities: string },
): ChainFlaw {
  const last = path.at(-1);
  if (last === undefined) return { message: 'has no chain' };
  const [name, issuer] = [calledIn(last.subject), calledIn(last.issuer)];
  if (isIn(trusted, last)) {
    return {
      message: `rests on ${name}, which is no root: OpenSSL wants that of ${issuer} in ${authorities}, too`,
      hint: `add the certificate of ${issuer} to ${authorities}`,
    };
  }
  if (last.checkIssued(last)) {
    return {
      message:
        path.length === 1
          ? `was signed by itself, and is not in ${authorities}`
          : `comes from the root ${name}, which is not in ${authorities}`,
      hint: `put ${path.length === 1 ? 'it' : 'that root'} into ${authorities}, or get a certificate of the authority that is there`,
    };
  }
  const isNamed = trusted.some(({ subject }) => subject === last.issuer);
  const what = path.length === 1 ? 'was signed by' : `rests on ${name}, which was signed by`;
  return isNamed
    ? {
        message: `${what} ${issuer}, and what ${authorities} has of that name has another key or may not sign certificates`,
        hint: `put the certificate of the authority that did it into ${authorities}`,
      }
    : {
        message: `${what} ${issuer}, which is neither behind it nor in ${authorities}`,
        hint: `put the certificate of ${issuer} behind it, or into ${authorities} where it is a root`,
      };
}
