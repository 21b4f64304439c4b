import {
  type CertificateOwner,
  type Certificates,
  type IssuerCertificate,
  issuerFlaw,
} from '../model/certificate.ts';
import { type Diagnostic, error, warning } from '../model/diagnostic.ts';
import { isMadeHere, readAuthority, withoutAuthority } from './authority.ts';
import { authorityFiles, type Flaws, noFlaws, ownerFiles } from './certificate-files.ts';
import type { PlacedOwner } from './certificate-owners.ts';
import { calledIn, datesOf, isIn, pathOf } from './chain.ts';
import { shownPath } from './operator.ts';
import { type Circumstances, type LoadContext, type Loaded, loadFor } from './owner-certificate.ts';

/** What the folder of certificates holds for their owners. */
export interface LoadedCertificates extends Flaws {
  readonly certificates: Certificates;
}

/** Reads the authority and the certificates of all who need one. */
export async function loadCertificates(
  directory: string,
  owners: readonly PlacedOwner[],
  circumstances: Circumstances,
): Promise<LoadedCertificates> {
  if (owners.length === 0) return { certificates: noCertificates, ...noFlaws };
  const authority = await readAuthority(directory);
  const { wrong, missing } = authority;
  if (authority.text === undefined) {
    const orphans = missing.length === 0 ? [] : await withoutAuthority(directory, owners);
    const told = orphans.length > 0 ? { wrong: orphans, missing: [] } : { wrong, missing };
    return { certificates: noCertificates, ...told };
  }
  const context = { ...circumstances, directory, authority, owners };
  const loaded = await Promise.all(owners.map((owner) => loadFor(owner, context)));
  const issuers = issuersOf(loaded, context);
  const dated = issuers.flatMap((issuer) => flawsOfIssuer(issuer, circumstances));
  const byName = (kind: CertificateOwner['kind']) =>
    Object.fromEntries(
      loaded.flatMap(({ owner, certificate }) =>
        certificate && owner.kind === kind ? [[owner.name, certificate] as const] : [],
      ),
    );
  return {
    certificates: { authority: authority.text, vips: byName('vip'), hosts: byName('host'), issuers },
    wrong: [...wrong, ...dated, ...loaded.flatMap((each) => each.wrong)],
    missing: [...missing, ...loaded.flatMap((each) => each.missing)],
  };
}

/** Nobody has one. */
export const noCertificates: Certificates = { authority: undefined, vips: {}, hosts: {}, issuers: [] };

/** Each once, those of the authority's file first. */
function issuersOf(loaded: readonly Loaded[], context: LoadContext): readonly IssuerCertificate[] {
  const { authority, directory, now } = context;
  const trusted = authority.certificates;
  const chains = loaded.flatMap(({ owner, chain }) => (chain === undefined ? [] : [{ owner, chain }]));
  const needed = chains.flatMap(({ chain }) => pathOf(chain, trusted, now).slice(1));
  const all = [
    ...trusted.map((each) => ({ each, file: authorityFiles(directory).certificate })),
    ...chains.flatMap(({ owner, chain }) =>
      chain.issuers.map((each) => ({ each, file: ownerFiles(directory, owner).certificate })),
    ),
  ];
  return all
    .filter(
      ({ each }, index) =>
        !isIn(
          all.slice(0, index).map((earlier) => earlier.each),
          each,
        ),
    )
    .map(({ each, file }) => ({
      name: calledIn(each.subject),
      file: shownPath(file),
      signedBy: authority.canSign && isMadeHere(each) ? 'ours' : 'theirs',
      isNeeded: chains.length === 0 || isIn(needed, each),
      ...datesOf(each),
    }));
}

function flawsOfIssuer(
  issuer: IssuerCertificate,
  { now, judgesExpiry }: Circumstances,
): readonly Diagnostic[] {
  const flaw = judgesExpiry ? issuerFlaw(issuer, now) : undefined;
  if (flaw === undefined) return [];
  const { severity, message, hint } = flaw;
  return [(severity === 'error' ? error : warning)(['certificates'], message, hint)];
}
