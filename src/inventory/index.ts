import type { CertificatesReport, CertificatesWanted } from './init-certificates.ts';
import type { AuthorityTurn } from './rotate-authority.ts';

export { ownerCalled } from './certificate-owners.ts';
export { type Beginning, beginningShape, type Question } from './draft/beginning.ts';
export { draftInventory, draftSchemaFile } from './draft/inventory.ts';
export { explainSetting, settingPaths } from './explain.ts';
export type { CertificatesReport, CertificatesWanted } from './init-certificates.ts';
export { initSecrets, type SecretsReport, understood } from './init-secrets.ts';
export { inventoryJsonSchema } from './json-schema.ts';
export type { AskPassword } from './key-passwords.ts';
export { type LoadedInventory, type LoadOptions, loadInventory } from './load.ts';
export { operatorName, shownPath } from './operator.ts';
export { eachCertificateIn } from './pem-file.ts';
export { readIfThere, readText } from './read-file.ts';
export { addRecipients } from './recipients.ts';
export type { AuthorityTurn } from './rotate-authority.ts';
export { type RotationReport, rotateSecrets } from './rotate-secrets.ts';
export { isRecipient, ownRecipients } from './sealed.ts';
export { filesWithSecrets, readSecretIfThere, refuseInTheClear, writeSecretText } from './secret-file.ts';
export { releaseAskedFor } from './settled-platform.ts';
export {
  appendOwned,
  makeFolders,
  makeOwnedDirectory,
  writeNew,
  writeOwned,
  writing,
} from './write-owned.ts';

/** Makes what is missing of authority and certificates. Loaded when asked for: one verb of many needs the library. */
export async function initCertificates(wanted: CertificatesWanted): Promise<CertificatesReport> {
  const { initCertificates: init } = await import('./init-certificates.ts');
  return init(wanted);
}

/** Gives the authority its next turn. Loaded when asked for, too. */
export async function rotateAuthority(wanted: Omit<CertificatesWanted, 'renew'>): Promise<AuthorityTurn> {
  const { rotateAuthority: rotate } = await import('./rotate-authority.ts');
  return rotate(wanted);
}
