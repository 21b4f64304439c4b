import 'reflect-metadata';
import type { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { ChainFlaw } from './certificate-flaws.ts';
import { calledIn } from './chain.ts';

/**
 * What a chain, from its certificate to its root, lacks for clients that want RFC 5280 to the letter: OpenSSL's
 * X509_V_FLAG_X509_STRICT (check_extensions of x509_vfy.c), which Python sets since 3.13. Others take it.
 */
export const strictFlaws = (path: readonly X509Certificate[]): readonly ChainFlaw[] =>
  path.flatMap((each, index) =>
    lacking(new x509.X509Certificate(each.raw), {
      isAuthority: each.ca,
      isLast: index === path.length - 1,
    }).map((what) => ({
      message: `${index === 0 ? '' : `rests on ${calledIn(each.subject)}, which `}${what}: Python 3.13 refuses that, and with it whoever uses the database on Debian 13`,
    })),
  );

function lacking(
  certificate: x509.X509Certificate,
  { isAuthority, isLast }: { readonly isAuthority: boolean; readonly isLast: boolean },
): readonly string[] {
  const constraints = certificate.getExtension(x509.BasicConstraintsExtension);
  const usage = certificate.getExtension(x509.KeyUsagesExtension);
  const own = certificate.getExtension(x509.SubjectKeyIdentifierExtension);
  const signers = certificate.getExtension(x509.AuthorityKeyIdentifierExtension);
  const found: readonly (readonly [boolean, string])[] = [
    [isAuthority && constraints?.critical !== true, 'has basic constraints that are not critical'],
    [isAuthority && usage === null, 'does not say what its key is for (keyUsage)'],
    [isAuthority && own === null, 'has no subject key identifier'],
    [!isLast && signers?.keyId === undefined, 'has no authority key identifier'],
    [signers?.critical === true || own?.critical === true, 'has a key identifier that is critical'],
  ];
  return found.flatMap(([isSo, words]) => (isSo ? [words] : []));
}
