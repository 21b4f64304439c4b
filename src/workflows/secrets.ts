import { initSecrets, type RotationReport, rotateSecrets, type SecretsReport } from '../inventory/index.ts';
import { McpError } from '../model/failure.ts';
import { services } from '../services/index.ts';
import { commonSettings } from '../topology/index.ts';
import { loadTopology } from './load.ts';

export type { RotationReport, SecretsReport } from '../inventory/index.ts';

/** Makes every secret that the services of this inventory need and that does not exist yet. */
export async function makeSecrets(inventoryFile: string): Promise<SecretsReport> {
  const { loaded } = await loadTopology(inventoryFile, { needs: 'topology' });
  return initSecrets(loaded.secretsFile, loaded.secretSpecs, loaded.recipients);
}

export interface RotationOptions {
  /** Rotate although the last time was too short ago. */
  readonly anyway: boolean;
}

/** Moves keys that take turns on by one. Hosts get them with the next deploy. */
export async function rotateKeys(
  inventoryFile: string,
  name: string,
  { anyway }: RotationOptions,
): Promise<RotationReport> {
  const { topology, loaded } = await loadTopology(inventoryFile, { needs: 'topology' });
  const rotations = services.flatMap(
    (service) => service.rotations?.(commonSettings(service, topology.inventory)) ?? [],
  );
  const rotation = rotations.find((each) => each.name === name);
  if (!rotation) {
    throw new McpError('invalid-arguments', `there is nothing to rotate that is called ${name}`, {
      hint: `name one of ${rotations.map((each) => each.name).join(', ')}`,
    });
  }
  return rotateSecrets({
    file: loaded.secretsFile,
    recipients: loaded.recipients,
    rotation,
    now: Date.now(),
    anyway,
  });
}
