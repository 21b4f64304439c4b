import 'reflect-metadata';
import { type KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { McpError } from '../model/failure.ts';
import { calledIn, validity } from './chain.ts';
import type { AskPassword } from './key-passwords.ts';
import { shownPath } from './operator.ts';
import { eachCertificateIn } from './pem-file.ts';
import { openKey } from './private-key.ts';
import { readSecretIfThere } from './secret-file.ts';

/** An authority with the key that it signs with. */
export interface Signer {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
  /** What it signs with. */
  readonly algorithm: Algorithm;
  /** What goes with each certificate that it signs, in PEM: itself, where it is no root that clients have. */
  readonly follows: string;
}

type Algorithm =
  | typeof ecdsa
  | { readonly name: string; readonly hash?: string; readonly namedCurve?: string };

/** Of all keys that are made here. */
export const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

interface Wanted {
  /** The text of ca.crt. */
  readonly pem: string;
  readonly files: { readonly certificate: string; readonly key: string };
  readonly ask: AskPassword | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The authority in ca.crt whose key is beside it: RSA, P-256, P-384, P-521 or Ed25519, with a password or without. Throws
 * McpError `invalid-arguments` where there is none, or none that may sign.
 */
export async function readSigner({ pem, files, ask, now }: Wanted): Promise<Signer> {
  const text = await readSecretIfThere(files.key);
  if (text === undefined) {
    throw new McpError('invalid-arguments', `there is no ${shownPath(files.key)} to sign certificates with`, {
      hint: `put certificates of your authority into that folder; ${startAnew}`,
    });
  }
  const opened = await openKey(files.key, text, ask);
  if (opened.kind !== 'key') throw new McpError('invalid-arguments', opened.message, { hint: opened.hint });
  const own = eachCertificateIn(pem)
    .map((each) => new X509Certificate(each))
    .find((each) => each.checkPrivateKey(opened.key));
  if (own === undefined) {
    throw new McpError(
      'invalid-arguments',
      `${shownPath(files.key)} is the key of nothing in the ca.crt beside it`,
      {
        hint: `put back the key or the certificate that belongs to it; ${startAnew}`,
      },
    );
  }
  refuseUnable(own, files.certificate, now);
  const algorithm = algorithmOf(opened.key, files.key);
  const der = opened.key.export({ type: 'pkcs8', format: 'der' });
  return {
    certificate: new x509.X509Certificate(own.raw),
    key: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']),
    algorithm,
    follows: own.checkIssued(own) ? '' : own.toString(),
  };
}

const startAnew = 'to start a new authority, remove all certificates and keys there first';

/** What it signed would be refused by everybody. */
function refuseUnable(own: X509Certificate, file: string, now: number): void {
  const refuse = (what: string, hint: string): never => {
    throw new McpError('invalid-arguments', `${calledIn(own.subject)} in ${shownPath(file)} ${what}`, {
      hint,
    });
  };
  if (!own.ca)
    refuse('is no authority (CA:TRUE), so nothing that it signs is trusted', 'put the authority there');
  const { start, end } = validity(own);
  if (now >= end) refuse(`expired on ${new Date(end).toISOString().slice(0, 10)}`, startAnew);
  if (now < start)
    refuse(`is not valid before ${new Date(start).toISOString()}`, 'look at the clock of this machine');
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, file: string): Algorithm {
  const curve = curves[asymmetricKeyDetails?.namedCurve ?? ''];
  if (asymmetricKeyType === 'ec' && curve !== undefined) return { name: 'ECDSA', ...curve };
  if (asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  if (asymmetricKeyType === 'ed25519') return { name: 'Ed25519' };
  const what = asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType ?? 'unknown';
  throw new McpError(
    'invalid-arguments',
    `${shownPath(file)} is a key of the kind ${what}, which mcp can't sign with`,
    {
      hint: 'it signs with RSA, P-256, P-384, P-521 and Ed25519; have certificates made where the authority is kept, and put them there',
    },
  );
}

/** By OpenSSL's names. The hash is as strong as the curve. */
const curves: Readonly<Record<string, { readonly namedCurve: string; readonly hash: string }>> = {
  prime256v1: { namedCurve: 'P-256', hash: 'SHA-256' },
  secp384r1: { namedCurve: 'P-384', hash: 'SHA-384' },
  secp521r1: { namedCurve: 'P-521', hash: 'SHA-512' },
};

/** As the authority itself says: who made it may have counted its key's identifier in another way than we would. */
export async function authorityKeyIdentifier(certificate: x509.X509Certificate): Promise<x509.Extension> {
  const own = certificate.getExtension(x509.SubjectKeyIdentifierExtension);
  return own === null
    ? x509.AuthorityKeyIdentifierExtension.create(certificate)
    : new x509.AuthorityKeyIdentifierExtension(own.keyId);
}
