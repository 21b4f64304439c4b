import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const day = 24 * 60 * 60 * 1000;

/** By what it is called here. */
const keyKinds = {
  'RSA-2048': rsa(2048, 'SHA-256'),
  'RSA-1024': rsa(1024, 'SHA-256'),
  'RSA-2048 with SHA-1': rsa(2048, 'SHA-1'),
  'P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'P-384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  Ed25519: { name: 'Ed25519' },
} as const;
export type KeyKind = keyof typeof keyKinds;

function rsa(modulusLength: number, hash: string) {
  const publicExponent = new Uint8Array([1, 0, 1]);
  return { name: 'RSASSA-PKCS1-v1_5', modulusLength, publicExponent, hash };
}

/** What is wanted of a certificate; what is left out is as a careful authority does it. */
export interface Wanted {
  readonly name: string;
  readonly by?: Issued;
  readonly key?: KeyKind;
  /** Days from now. */
  readonly from?: number;
  readonly to?: number;
  /** It may sign others, and how many of those may stand below each other; undefined: any. */
  readonly ca?: { readonly pathLength?: number; readonly mayNotSign?: boolean };
  readonly names?: readonly string[];
  readonly purposes?: readonly ('serverAuth' | 'clientAuth')[];
  /** What a careless authority leaves out, or gets wrong. */
  readonly careless?: readonly Careless[];
}

export type Careless = 'no own identifier' | 'no identifier of its signer' | 'no usage' | 'loose constraints';

/** A certificate with its key. */
export interface Issued {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly kind: KeyKind;
  readonly pem: string;
  /** PKCS#8. */
  readonly key: string;
}

/** Signs what somebody else's authority might have signed. */
export async function issue(wanted: Wanted): Promise<Issued> {
  x509.cryptoProvider.set(webcrypto);
  const { name, by, key: kind = 'P-256', from = -1, to = 365 } = wanted;
  const keys = await keysOf(kind);
  const signer = by ?? { keys, kind };
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name},O=Example`,
    issuer: by === undefined ? `CN=${name},O=Example` : by.certificate.subject,
    notBefore: new Date(Date.now() + from * day),
    notAfter: new Date(Date.now() + to * day),
    signingAlgorithm: keyKinds[signer.kind],
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    extensions: await extensionsOf(wanted, keys),
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return {
    ...{ certificate, keys, kind },
    pem: `${certificate.toString('pem')}\n`,
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

async function extensionsOf(
  { by, ca, names = [], purposes, careless = [] }: Wanted,
  keys: webcrypto.CryptoKeyPair,
): Promise<x509.Extension[]> {
  const usage = ca === undefined || ca.mayNotSign === true ? 'digitalSignature' : 'keyCertSign';
  return [
    new x509.BasicConstraintsExtension(
      ca !== undefined,
      ca?.pathLength,
      !careless.includes('loose constraints'),
    ),
    ...(careless.includes('no usage') ? [] : [new x509.KeyUsagesExtension(x509.KeyUsageFlags[usage], true)]),
    ...(careless.includes('no own identifier')
      ? []
      : [await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)]),
    ...(by === undefined || careless.includes('no identifier of its signer')
      ? []
      : [await x509.AuthorityKeyIdentifierExtension.create(by.keys.publicKey)]),
    ...(names.length === 0
      ? []
      : [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))]),
    ...(purposes === undefined
      ? []
      : [new x509.ExtendedKeyUsageExtension(purposes.map((each) => x509.ExtendedKeyUsage[each]))]),
  ];
}

const keysOf = async (kind: KeyKind): Promise<webcrypto.CryptoKeyPair> => {
  const made: unknown = await webcrypto.subtle.generateKey(keyKinds[kind], true, ['sign', 'verify']);
  return made as webcrypto.CryptoKeyPair;
};
