import { Command } from 'commander';
import { loadTopology } from '../../workflows/load.ts';
import { writeClientFiles } from '../../workflows/openrc.ts';

/** `mcp openrc`: what a client needs to be the cloud's administrator. */
export const openrcCommand = (print: (text: string) => void): Command =>
  new Command('openrc')
    .description("write clouds.yaml, openrc.sh and the authority for the cloud's administrator, 0600")
    .requiredOption('-i, --inventory <file>', 'inventory file')
    .requiredOption('--out <dir>', 'folder to write to; it will hold a password')
    .action(async ({ inventory, out }: { inventory: string; out: string }) => {
      const { topology } = await loadTopology(inventory);
      const { directory, files } = await writeClientFiles(topology, out);
      print(`${files.join(', ')} in ${directory}`);
    });
