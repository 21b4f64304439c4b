import { initSecrets, type RotationReport, rotateSecrets, type SecretsReport } from '../inventory/index.ts';
import { McpError } from '../model/failure.ts';
import type { Rotation, SecretSpec } from '../model/secret.ts';
import type { Topology } from '../model/topology.ts';
import { services } from '../services/index.ts';
import { commonSettings } from '../topology/index.ts';
import { type LoadedTopology, loadTopology } from './load.ts';
import { notYetOn } from './not-yet-on.ts';
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
 * Gives new values to secrets, and moves keys that take turns on by one. Hosts get them with the next deploy, which lets
 * what was in force before work until all have moved. Throws McpError `invalid-arguments` for a name that is nothing to
 * rotate, and `not-confirmed` where not every host has what it replaces: two former values can't be in force at once.
 */
export async function rotateKeys(
  inventoryFile: string,
  names: readonly string[],
  { anyway, plan }: RotationOptions,
): Promise<RotationReport> {
  const { topology, loaded } = await loadTopology(inventoryFile, { needs: 'topology' });
  const known = rotationsOf(topology, loaded.secretSpecs);
  const rotations = [...new Set(names)].map((name) => rotationNamed(name, known));
  const planned = await plan();
  const missing = rotations.flatMap(({ chain }) =>
    notYetOn(planned, {
      texts: chain.flatMap((each) => topology.secrets.get(each)?.reveal() ?? []),
      // A secret is called after the service that asks for it.
      owners: chain.flatMap((each) => each.split('.')[0] ?? []),
    }),
  );
  if (missing.length > 0) {
    throw new McpError(
      'not-confirmed',
      `not every host has what was rotated last:\n${[...new Set(missing)].join('\n')}`,
      { hint: 'run `mcp deploy` first, and rotate when it has ended well' },
    );
  }
  await refuseUnsealed(loaded);
  return rotateSecrets({
    file: loaded.secretsFile,
    recipients: loaded.recipients,
    rotations,
    now: Date.now(),
    anyway,
  });
}

/** Everything that `rotateKeys` takes a name of. */
export const rotatable = ({ topology, loaded }: LoadedTopology): readonly string[] =>
  rotationsOf(topology, loaded.secretSpecs).map(({ name }) => name);

/** Keys that services have take turns, and every password by itself. */
function rotationsOf(topology: Topology, specs: readonly SecretSpec[]): readonly Rotation[] {
  const chains = services.flatMap(
    (service) => service.rotations?.(commonSettings(service, topology.inventory)) ?? [],
  );
  const alone = specs
    .filter(({ kind }) => kind !== 'fernet-key')
    .map((spec): Rotation => ({ name: spec.name, chain: [spec.name], renewed: spec, restMinutes: 0 }));
  return [...chains, ...alone];
}

function rotationNamed(name: string, known: readonly Rotation[]): Rotation {
  const rotation = known.find((each) => each.name === name);
  if (rotation) return rotation;
  throw new McpError('invalid-arguments', `there is nothing to rotate that is called ${name}`, {
    hint: `name one of ${known.map((each) => each.name).join(', ')}`,
  });
}
