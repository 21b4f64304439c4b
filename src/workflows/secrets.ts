import { initSecrets, type SecretsReport } from '../inventory/index.ts';
import { loadTopology } from './load.ts';

export type { SecretsReport } from '../inventory/index.ts';

/** Makes every secret that the services of this inventory need and that does not exist yet. */
export async function makeSecrets(inventoryFile: string): Promise<SecretsReport> {
  const { loaded } = await loadTopology(inventoryFile, { needs: 'topology' });
  return initSecrets(loaded.secretsFile, loaded.secretSpecs);
}
