import { type CertificatesReport, type CertificatesWanted, initCertificates } from '../inventory/index.ts';
import { McpError } from '../model/failure.ts';
import { loadTopology } from './load.ts';

export type { CertificatesReport } from '../inventory/index.ts';

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
  return initCertificates({ cloud, vips, renew, directory: loaded.certificatesDirectory, now: Date.now() });
}
