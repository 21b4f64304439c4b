import { initSecrets, type RotationReport, rotateSecrets, type SecretsReport } from '../inventory/index.ts';
import { McpError } from '../model/failure.ts';
import { reachable } from '../model/observed.ts';
import type { FileResource } from '../model/resource.ts';
import type { Secret } from '../model/secret.ts';
import { services } from '../services/index.ts';
import { commonSettings } from '../topology/index.ts';
import { loadTopology } from './load.ts';
import type { Planned } from './plan.ts';
import { refuseUnsealed } from './sealed-beside.ts';

export type { RotationReport, SecretsReport } from '../inventory/index.ts';

/** Makes every secret that the services of this inventory need and that does not exist yet. */
export async function makeSecrets(inventoryFile: string): Promise<SecretsReport> {
  const { loaded } = await loadTopology(inventoryFile, { needs: 'topology' });
  await refuseUnsealed(loaded);
  return initSecrets(loaded.secretsFile, loaded.secretSpecs, loaded.recipients);
}

export interface RotationOptions {
  /** Rotate although the last time was too short ago. */
  readonly anyway: boolean;
  /** What is due on the hosts now. */
  plan(): Promise<Planned>;
}

/**
 * Moves keys that take turns on by one. Hosts get them with the next deploy. Throws McpError `not-confirmed` where not
 * every host has them as they are: by the next turn, what one signs could be read by no other.
 */
export async function rotateKeys(
  inventoryFile: string,
  name: string,
  { anyway, plan }: RotationOptions,
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
  const secrets = rotation.chain.flatMap((each) => topology.secrets.get(each) ?? []);
  const missing = notYetOn(await plan(), secrets);
  if (missing.length > 0) {
    throw new McpError(
      'not-confirmed',
      `not every host has the keys of the last turn:\n${missing.join('\n')}`,
      {
        hint: 'run `mcp deploy` first, and rotate when it has ended well',
      },
    );
  }
  await refuseUnsealed(loaded);
  return rotateSecrets({
    file: loaded.secretsFile,
    recipients: loaded.recipients,
    rotation,
    now: Date.now(),
    anyway,
  });
}

/** Where a file that holds one of these secrets is not as it is to be, or nobody could look. */
function notYetOn({ plan, desired, observed }: Planned, secrets: readonly Secret[]): readonly string[] {
  const holds = ({ content }: FileResource): boolean =>
    secrets.some((secret) => content.includes(secret.reveal()));
  return [...desired.hosts].flatMap(([host, { services: described }]) => {
    const files = described
      .flatMap(({ resources }) => resources)
      .filter((resource) => resource.kind === 'file')
      .filter(holds);
    if (files.length === 0) return [];
    if (reachable(observed, host) === undefined) return [`${host} does not answer`];
    return files
      .filter(({ path }) => plan.changes.some((change) => change.host === host && change.path === path))
      .map(({ path }) => `${host}: ${path}`);
  });
}
