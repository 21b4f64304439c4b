import type { X509Certificate } from 'node:crypto';

/** The certificates of one file, put in the order in which they are shown to clients. */
export interface Chain {
  /** The one that the key is for, or the first where it is for none. */
  readonly leaf: X509Certificate;
  /** Those between it and its authority, each behind one that it signed. */
  readonly issuers: readonly X509Certificate[];
  /** Those that signed none of the others. */
  readonly strangers: readonly X509Certificate[];
}

/** Sorts the certificates of a file; undefined where there is none. Those that are in order stay as they are. */
export function chainOf(
  certificates: readonly X509Certificate[],
  isOfKey: (certificate: X509Certificate) => boolean,
): Chain | undefined {
  const leaf = certificates.find(isOfKey) ?? certificates[0];
  if (leaf === undefined) return undefined;
  const issuers: X509Certificate[] = [];
  const rest = certificates.filter((each) => each !== leaf);
  for (;;) {
    const next = rest.findIndex((each) => [leaf, ...issuers].some(({ issuer }) => issuer === each.subject));
    const [found] = next < 0 ? [] : rest.splice(next, 1);
    if (found === undefined) return { leaf, issuers, strangers: rest };
    issuers.push(found);
  }
}

/**
 * The certificates through which OpenSSL would trust `leaf`, from it to the last one that is there. Of several that could have
 * signed it takes a trusted one, then one that is valid, as OpenSSL does. `now` is in milliseconds since the epoch.
 */
export function pathOf(
  { leaf, issuers }: Chain,
  trusted: readonly X509Certificate[],
  now: number,
): readonly X509Certificate[] {
  const path = [leaf];
  for (;;) {
    const last = path.at(-1) ?? leaf;
    const signed = (each: X509Certificate): boolean => !isIn(path, each) && last.checkIssued(each);
    if (last.checkIssued(last)) return path;
    const next = bestAt(trusted.filter(signed), now) ?? bestAt(issuers.filter(signed), now);
    if (next === undefined) return path;
    path.push(next);
  }
}

/** One that is valid, or the one that was for longest. */
const bestAt = (certificates: readonly X509Certificate[], now: number): X509Certificate | undefined =>
  certificates.find((each) => validity(each).isValidAt(now)) ??
  certificates.toSorted((one, other) => validity(other).end - validity(one).end)[0];

/** Milliseconds since the epoch. */
export function validity({ validFrom, validTo }: X509Certificate) {
  const [start, end] = [Date.parse(validFrom), Date.parse(validTo)];
  return { start, end, isValidAt: (now: number): boolean => start <= now && now < end };
}

export function datesOf(certificate: X509Certificate) {
  const { start: notBefore, end: notAfter } = validity(certificate);
  return { notBefore, notAfter };
}

export const isIn = (certificates: readonly X509Certificate[], one: X509Certificate): boolean =>
  certificates.some(({ fingerprint256 }) => fingerprint256 === one.fingerprint256);

/** What people call who it is for: its common name, or all of its subject. */
export const calledIn = (distinguishedName: string): string =>
  /^CN=(.+)$/m.exec(distinguishedName)?.[1] ?? distinguishedName.split('\n').join(', ');
