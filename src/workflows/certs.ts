import { X509Certificate } from 'node:crypto';
import {
  type AuthorityTurn,
  type CertificatesReport,
  type CertificatesWanted,
  eachCertificateIn,
  initCertificates,
  ownerCalled,
  rotateAuthority,
} from '../inventory/index.ts';
import {
  type Certificates,
  calledOwner,
  eachCertificate,
  ownerId,
  renewalHint,
} from '../model/certificate.ts';
import { McpError } from '../model/failure.ts';
import type { Topology } from '../model/topology.ts';
import { type AskPassword, loadTopology } from './load.ts';
import { notYetOn } from './not-yet-on.ts';
import type { Planned } from './plan.ts';
import { refuseUnsealed } from './sealed-beside.ts';

export type { AuthorityTurn, CertificatesReport } from '../inventory/index.ts';

/** Makes the authority and the certificates that do not exist yet; `renew` names those to make anew. */
export async function makeCertificates(
  inventoryFile: string,
  renew: CertificatesWanted['renew'],
  ask?: AskPassword,
): Promise<CertificatesReport> {
  const wanted = await wantedFor(inventoryFile, ask);
  return initCertificates({
    ...wanted,
    renew: typeof renew === 'string' ? renew : renew.map((name) => ownerId(ownerCalled(name, wanted.owners))),
  });
}

/** Makes the certificates of these VIPs and hosts anew, or of all; the authority stays, so clients trust the new ones too. */
export async function renewCertificates(
  inventoryFile: string,
  names: readonly string[],
  ask?: AskPassword,
): Promise<CertificatesReport> {
  if (names.length > 0) return makeCertificates(inventoryFile, names, ask);
  const wanted = await wantedFor(inventoryFile, ask);
  return initCertificates({ ...wanted, renew: wanted.owners.map(ownerId) });
}

/**
 * Gives the private authority its next turn; hosts get it with the next deploy. Throws McpError `not-confirmed` where a host
 * does not have the last turn yet: it would trust nobody who has this one.
 */
export async function rotateCertificates(
  inventoryFile: string,
  plan: () => Promise<Planned>,
  ask?: AskPassword,
): Promise<AuthorityTurn> {
  const { topology } = await loadTopology(inventoryFile, { needs: 'topology' });
  const missing = withoutCertificates(await plan(), topology);
  if (missing.length > 0) {
    throw new McpError('not-confirmed', `not every host has the last turn:\n${missing.join('\n')}`, {
      hint: 'run `mcp deploy` first, and go on when it has ended well',
    });
  }
  return rotateAuthority(await wantedFor(inventoryFile, ask));
}

/** Throws McpError `invalid-arguments` where keys would lie in the clear among others that do not. */
async function wantedFor(
  inventoryFile: string,
  ask: AskPassword | undefined,
): Promise<Omit<CertificatesWanted, 'renew'>> {
  const { topology, loaded } = await loadTopology(inventoryFile, { needs: 'topology' });
  await refuseUnsealed(loaded);
  return {
    cloud: topology.cloud,
    owners: loaded.certificateOwners,
    now: Date.now(),
    directory: loaded.certificatesDirectory,
    recipients: loaded.recipients,
    ask,
  };
}

/** Hosts where what holds an authority or a certificate is still to change. */
function withoutCertificates(planned: Planned, { certificates }: Topology): readonly string[] {
  const texts = [
    certificates.authority ?? '',
    ...eachCertificate(certificates).map(({ certificate }) => certificate),
  ];
  return notYetOn(planned, { texts: texts.flatMap((text) => eachCertificateIn(text)) });
}

/** A certificate as it lies beside the inventory: of a VIP, or of a host. */
export interface ShownCertificate {
  readonly vip?: string;
  readonly host?: string;
  /** Names and addresses that it covers. */
  readonly covers: readonly string[];
  readonly issuer: string;
  /** SHA-256, as openssl prints it. */
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  readonly daysLeft: number;
  /** What is done once there are few. */
  readonly renewal: string;
}

/**
 * What each certificate says, VIPs first; whose is missing is left out. Throws McpError `invalid-arguments` where some are
 * wanted and none can be read.
 */
export async function showCertificates(
  inventoryFile: string,
  now: number,
  askPassword?: AskPassword,
): Promise<readonly ShownCertificate[]> {
  const { topology, loaded, warnings } = await loadTopology(inventoryFile, {
    needs: 'topology',
    askPassword,
  });
  const shown = shownCertificates(topology.certificates, now);
  if (shown.length === 0 && loaded.certificateOwners.length > 0) {
    throw new McpError('invalid-arguments', 'there is no certificate to show', {
      diagnostics: warnings.filter(({ path }) => path[0] === 'certificates'),
    });
  }
  return shown;
}

export const shownCertificates = (certificates: Certificates, now: number): readonly ShownCertificate[] =>
  eachCertificate(certificates).map(({ kind, name, certificate, notAfter, signedBy }, _index, all) => {
    const parsed = new X509Certificate(certificate);
    return {
      ...(kind === 'vip' ? { vip: name } : { host: name }),
      covers: (parsed.subjectAltName ?? '').split(', ').map((each) => each.replace(/^(DNS|IP Address):/, '')),
      issuer: parsed.issuer.split('\n').join(', '),
      fingerprint: parsed.fingerprint256,
      notAfter,
      daysLeft: Math.floor((notAfter - now) / 86_400_000),
      renewal: renewalHint(signedBy, calledOwner({ kind, name }, all)),
    };
  });
