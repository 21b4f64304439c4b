import type { Certificate, Certificates } from '../model/certificate.ts';
import { Secret } from '../model/secret.ts';
import type { Topology } from '../model/topology.ts';
import { describeCloud } from './cloud.ts';
import { type AskPassword, type LoadedTopology, loadTopology } from './load.ts';

/**
 * An inventory that all files can be rendered of, and the risks in it. Secrets and certificates may be missing,
 * and must fit where they are there. Throws McpError `invalid-inventory` or `invalid-template` with all mistakes at once.
 */
export async function validateInventory(file: string, askPassword?: AskPassword): Promise<LoadedTopology> {
  const found = await loadTopology(file, { needs: 'what-is-there', askPassword });
  await describeCloud(withStandIns(found));
  return found;
}

/** Something in place of each secret and certificate that is not made yet. */
export function withStandIns({
  topology,
  loaded: { secretSpecs, certificateOwners },
}: LoadedTopology): Topology {
  const { secrets, certificates, vips, hosts } = topology;
  const known = new Map([...secretSpecs.map(({ name }) => [name, standIn] as const), ...secrets]);
  const whole = (names: readonly { readonly name: string }[], made: Certificates['vips']) =>
    Object.fromEntries(names.map(({ name }) => [name, made[name] ?? noCertificate]));
  return {
    ...topology,
    secrets: known,
    certificates: {
      authority: certificates.authority ?? (certificateOwners.length > 0 ? '' : undefined),
      vips: whole(vips, certificates.vips),
      hosts: whole(hosts, certificates.hosts),
      issuers: certificates.issuers,
    },
    inventory: { ...topology.inventory, secrets: known },
  };
}

const standIn = new Secret('not-made-yet');

const noCertificate: Certificate = {
  certificate: '',
  key: standIn,
  signedBy: 'ours',
  notBefore: 0,
  notAfter: 0,
};
