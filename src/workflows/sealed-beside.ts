import { filesWithSecrets, type LoadedInventory, refuseInTheClear } from '../inventory/index.ts';

type Beside = Pick<
  LoadedInventory,
  'secretsFile' | 'certificatesDirectory' | 'recipients' | 'recipientsFile'
>;

/** Refuses to add anything in the clear to an inventory whose secrets are encrypted. Throws McpError `invalid-arguments`. */
export async function refuseUnsealed(loaded: Beside): Promise<void> {
  await refuseInTheClear(await filesBeside(loaded), loaded.recipients, loaded.recipientsFile);
}

/** The files of an inventory that hold secrets. */
export const filesBeside = ({ secretsFile, certificatesDirectory }: Beside): Promise<readonly string[]> =>
  filesWithSecrets(secretsFile, certificatesDirectory);
