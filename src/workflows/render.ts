import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolders, writing } from '../inventory/index.ts';
import type { Cloud } from './cloud.ts';

/**
 * Writes every rendered file below `directory/HOST/`, with what the mode on the host gives
 * its owner and nothing for others: the folder holds secrets. Resolves with how many. Throws McpError `invalid-arguments`
 * where nothing can be written there.
 */
export async function renderCloud({ desired }: Cloud, directory: string): Promise<number> {
  await writing(directory, () => makeFolders(directory, 0o700));
  const files = [...desired.hosts.values()].flatMap(({ host, services }) =>
    services.flatMap(({ resources }) =>
      resources.flatMap((resource) => (resource.kind === 'file' ? [{ host, file: resource }] : [])),
    ),
  );
  for (const { host, file } of files) {
    const path = join(directory, host, file.path);
    await writing(path, async () => {
      await makeFolders(dirname(path), 0o755);
      await writeFile(path, file.content, { mode: Number.parseInt(file.mode, 8) & 0o700 });
    });
  }
  return files.length;
}
