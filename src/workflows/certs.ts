import { X509Certificate } from 'node:crypto';
import {
  type AuthorityTurn,
  type CertificatesReport,
  type CertificatesWanted,
  eachCertificateIn,
  initCertificates,
  rotateAuthority,
} from '../inventory/index.ts';
import { McpError } from '../model/failure.ts';
import type { Topology } from '../model/topology.ts';
import { loadTopology } from './load.ts';
import { notYetOn } from './not-yet-on.ts';
import type { Planned } from './plan.ts';
import { refuseUnsealed } from './sealed-beside.ts';

export type { AuthorityTurn, CertificatesReport } from '../inventory/index.ts';

/** Makes the authority and the VIPs' certificates that do not exist yet; `renew` names those to make anew. */
export async function makeCertificates(
  inventoryFile: string,
  renew: CertificatesWanted['renew'],
): Promise<CertificatesReport> {
  const { topology, loaded } = await loadTopology(inventoryFile, { needs: 'topology' });
  const { cloud, vips } = topology.inventory;
  const served = vips.filter(({ tls }) => tls).map(({ name }) => name);
  const unknown = Array.isArray(renew) ? renew.find((name) => !served.includes(name)) : undefined;
  if (unknown !== undefined) {
    throw new McpError('invalid-arguments', `there is no VIP ${unknown} with \`tls: true\``, {
      hint: `name one of ${served.join(', ')}`,
    });
  }
  await refuseUnsealed(loaded);
  return initCertificates({
    ...{ cloud, vips, renew, now: Date.now() },
    directory: loaded.certificatesDirectory,
    recipients: loaded.recipients,
  });
}

/** Makes the certificates of these VIPs anew, or of all; the authority stays, so clients trust the new ones too. */
export async function renewCertificates(
  inventoryFile: string,
  names: readonly string[],
): Promise<CertificatesReport> {
  if (names.length > 0) return makeCertificates(inventoryFile, names);
  const { topology } = await loadTopology(inventoryFile, { needs: 'topology' });
  return makeCertificates(
    inventoryFile,
    topology.vips.filter(({ tls }) => tls).map(({ name }) => name),
  );
}

/**
 * Gives the private authority its next turn; hosts get it with the next deploy. Throws McpError `not-confirmed` where a host
 * does not have the last turn yet: it would trust nobody who has this one.
 */
export async function rotateCertificates(
  inventoryFile: string,
  plan: () => Promise<Planned>,
): Promise<AuthorityTurn> {
  const { topology, loaded } = await loadTopology(inventoryFile, { needs: 'topology' });
  const { cloud, vips } = topology.inventory;
  const missing = withoutCertificates(await plan(), topology);
  if (missing.length > 0) {
    throw new McpError('not-confirmed', `not every host has the last turn:\n${missing.join('\n')}`, {
      hint: 'run `mcp deploy` first, and go on when it has ended well',
    });
  }
  await refuseUnsealed(loaded);
  return rotateAuthority({
    ...{ cloud, vips, now: Date.now() },
    directory: loaded.certificatesDirectory,
    recipients: loaded.recipients,
  });
}

/** Hosts where what holds an authority or a certificate is still to change. */
function withoutCertificates(planned: Planned, { certificates }: Topology): readonly string[] {
  const texts = [
    certificates.authority ?? '',
    ...Object.values(certificates.vips).map((vip) => vip.certificate),
  ];
  return notYetOn(planned, { texts: texts.flatMap((text) => eachCertificateIn(text)) });
}

/** One VIP's certificate, as it lies beside the inventory. */
export interface ShownCertificate {
  readonly vip: string;
  /** Names and addresses that it covers. */
  readonly covers: readonly string[];
  readonly issuer: string;
  /** SHA-256, as openssl prints it. */
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  readonly daysLeft: number;
}

/** What each VIP's certificate says; VIPs whose certificate is missing are left out. */
export async function showCertificates(
  inventoryFile: string,
  now: number,
): Promise<readonly ShownCertificate[]> {
  const { topology } = await loadTopology(inventoryFile, { needs: 'topology' });
  return Object.entries(topology.certificates.vips).map(([vip, { certificate, notAfter }]) => {
    const parsed = new X509Certificate(certificate);
    return {
      vip,
      covers: (parsed.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, '')),
      issuer: parsed.issuer.split('\n').join(', '),
      fingerprint: parsed.fingerprint256,
      notAfter,
      daysLeft: Math.floor((notAfter - now) / 86_400_000),
    };
  });
}
