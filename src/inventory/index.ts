import type { CertificatesReport, CertificatesWanted } from './init-certificates.ts';

export type { CertificatesReport, CertificatesWanted } from './init-certificates.ts';
export { initSecrets, type SecretsReport, understood } from './init-secrets.ts';
export { inventoryJsonSchema } from './json-schema.ts';
export { type LoadedInventory, type LoadOptions, loadInventory } from './load.ts';
export { operatorName } from './operator.ts';
export { readIfThere, readText } from './read-file.ts';
export { addRecipients } from './recipients.ts';
export { type RotationReport, rotateSecrets } from './rotate-secrets.ts';
export { isRecipient, ownRecipients } from './sealed.ts';
export { filesWithSecrets, readSecretIfThere, refuseInTheClear, writeSecretText } from './secret-file.ts';
export { appendOwned, makeFolders, makeOwnedDirectory, writeOwned, writing } from './write-owned.ts';

/** Makes what is missing of authority and certificates. Loaded when asked for: one verb of many needs the library. */
export async function initCertificates(wanted: CertificatesWanted): Promise<CertificatesReport> {
  const { initCertificates: init } = await import('./init-certificates.ts');
  return init(wanted);
}
