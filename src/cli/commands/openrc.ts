import { Command } from 'commander';
import type { Output } from '../../report/index.ts';
import { loadTopology } from '../../workflows/load.ts';
import { writeClientFiles } from '../../workflows/openrc.ts';
import { inventoryOption } from '../inventory-option.ts';
import { keyPasswords } from '../key-password.ts';

/** `mcp openrc`: what a client needs to be the cloud's administrator. */
export const openrcCommand = (output: Output): Command =>
  new Command('openrc')
    .description("write clouds.yaml, openrc.sh and the authority for the cloud's administrator, 0600")
    .addOption(inventoryOption())
    .requiredOption('--out <dir>', 'folder to write to; it will hold a password')
    .action(async ({ inventory, out }: { inventory: string; out: string }) => {
      const { topology } = await loadTopology(inventory, { askPassword: keyPasswords(output) });
      const { directory, files } = await writeClientFiles(topology, out);
      output.print(`${files.join(', ')} in ${directory}`);
    });
