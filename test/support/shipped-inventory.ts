import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificates } from '../../src/workflows/certs.ts';
import { makeSecrets } from '../../src/workflows/secrets.ts';

/** Puts a shipped inventory into a folder, with secrets and certificates of its own; resolves with its path. */
export async function shippedInventory(folder: string, name = 'lab.yaml'): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, name);
  await copyFile(join('inventories', name), file);
  await makeSecrets(file);
  await makeCertificates(file, 'none');
  return file;
}
