export {
  type CertificatesReport,
  type CertificatesWanted,
  initCertificates,
} from './init-certificates.ts';
export { inventoryJsonSchema } from './json-schema.ts';
export { type LoadedInventory, type LoadOptions, loadInventory } from './load.ts';
export { initSecrets, type SecretsReport } from './secrets.ts';
