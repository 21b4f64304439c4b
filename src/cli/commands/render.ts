import { Command } from 'commander';
import type { Output } from '../../report/index.ts';
import type { Deployer } from '../deployer.ts';
import { inventoryOption } from '../inventory-option.ts';

interface Options {
  readonly inventory: string;
  readonly out: string;
}

/** `mcp render`: every file as the hosts would get it, in a folder. */
export const renderCommand = (deployer: Deployer, output: Output): Command =>
  new Command('render')
    .description('write every rendered file below a folder, one folder a host; reaches no host')
    .addOption(inventoryOption())
    .requiredOption('--out <dir>', 'folder to write to; it will hold secrets')
    .action(async ({ inventory, out }: Options) => {
      const files = await deployer.render(inventory, out);
      output.print(`${files} files below ${out}`);
    });
