import { lstat } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { McpError } from '../model/failure.ts';
import { usualInventories } from '../model/inventory.ts';
import type { Output } from '../report/index.ts';
import { isSecondSelf } from '../workflows/namespace.ts';

const variable = 'MCP_INVENTORY';

const needed = new WeakSet<Option>();

/** `-i` of a command that needs an inventory: `useInventory` finds one where it is left out. */
export function inventoryOption(what = 'inventory file'): Option {
  const option = new Option(
    '-i, --inventory <file>',
    `${what}; by default $${variable}, ./${usualInventories.join(' or ./')}`,
  );
  needed.add(option);
  return option;
}

/**
 * Before a command that needs an inventory: where `-i` is left out, takes the one that is found, and says so. Throws
 * McpError `invalid-arguments` where there is none, or more than one.
 */
export async function useInventory(command: Command, output: Output): Promise<void> {
  if (!command.options.some((option) => needed.has(option))) return;
  const { inventory, json = false } = command.opts<{ inventory?: string; json?: boolean }>();
  if (inventory !== undefined) return;
  const found = await findInventory();
  if (found === undefined) {
    const looked = usualInventories.map((name) => `./${name}`).join(', ');
    throw new McpError('invalid-arguments', `no inventory: looked for -i, ${variable}, ${looked}`, {
      hint: 'name one with -i, go to its folder, or make one with `mcp init`',
    });
  }
  command.setOptionValueWithSource('inventory', found.file, 'found');
  tellFound(found, json, output);
}

/** An inventory that nobody wrote on this command line. */
interface Found {
  readonly file: string;
  readonly where: string;
}

/** The inventory that MCP_INVENTORY names, else the one of the working folder; undefined where there is none. Throws as above. */
export async function findInventory(): Promise<Found | undefined> {
  const named = process.env[variable] ?? '';
  if (named !== '') return { file: named, where: `from ${variable}` };
  const there = await Promise.all(usualInventories.map(isThere));
  const [file, another] = usualInventories.filter((_name, index) => there[index]);
  if (file === undefined) return undefined;
  if (another === undefined) return { file, where: 'found in this folder' };
  throw new McpError('invalid-arguments', `${file} and ${another} both lie in this folder`, {
    hint: `say which one is meant: -i ${file}, or -i ${another}`,
  });
}

/** On standard error, once: whoever reads JSON asked for nothing else, and the second self would say it again. */
export function tellFound({ file, where }: Found, isJson: boolean, output: Output): void {
  if (!isJson && !isSecondSelf()) output.complain(`inventory: ${file}, ${where}`);
}

/** A link that leads nowhere is there, too: what is wrong with it is said when it is read. */
export const isThere = (name: string): Promise<boolean> =>
  lstat(name).then(
    () => true,
    () => false,
  );
