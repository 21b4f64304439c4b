import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseDocument } from 'yaml';
import { root } from './mcp.ts';

/** A copy of an inventory with its secrets and certificates, in a folder of its own, to be changed by one test. */
export interface Variant {
  readonly inventory: string;
  readonly directory: string;
}

/** `change` edits the text of the inventory; paths in it are made absolute, so the copy means the same hosts. */
export async function variantOf(
  inventory: string,
  change: (text: string) => string = (text) => text,
): Promise<Variant> {
  await mkdir(join(root, '.lab', 'variants'), { recursive: true });
  const directory = await mkdtemp(join(root, '.lab', 'variants', 'v-'));
  const name = basename(inventory, '.yaml');
  for (const beside of [`${name}.secrets.yaml`, `${name}.certs`]) {
    await cp(join(root, dirname(inventory), beside), join(directory, beside), {
      recursive: true,
      preserveTimestamps: true,
    });
  }
  const text = (await readFile(join(root, inventory), 'utf8')).replaceAll('../.lab', join(root, '.lab'));
  const path = join(directory, `${name}.yaml`);
  // The folder of the lab is that of the checkout, wherever the variant lies.
  const changed = change(text).replace(
    /^lab: \{(?!.*directory:)/m,
    `lab: { directory: ${join(root, '.lab')},`,
  );
  parseDocument(changed);
  await writeFile(path, changed);
  return { inventory: path, directory };
}

/** Puts a file into the variant's overrides. */
export async function override({ directory }: Variant, path: string, content: string): Promise<void> {
  const file = join(directory, 'overrides', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
