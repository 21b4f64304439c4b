import { Command } from 'commander';
import type { Topology } from '../../model/topology.ts';
import { diagnosticsAsText, type Output } from '../../report/index.ts';
import { validateInventory } from '../../workflows/validate.ts';
import { inventoryOption } from '../inventory-option.ts';
import { keyPasswords } from '../key-password.ts';

/** `mcp validate`: everything that can be said of an inventory, and of the files it makes, without reaching a host. */
export const validateCommand = (output: Output): Command =>
  new Command('validate')
    .description('check an inventory without reaching a host')
    .addOption(inventoryOption())
    .action(async ({ inventory }: { inventory: string }) => {
      const { topology, warnings } = await validateInventory(inventory, keyPasswords(output));
      if (warnings.length > 0) output.print(diagnosticsAsText(warnings));
      output.print(summaryOf(topology));
    });

function summaryOf({ inventory: { machines }, hosts, vips, instances }: Topology): string {
  const services = new Set(instances.map(({ service }) => service));
  const counts = [
    counted(machines.length, 'machine'),
    counted(hosts.length, 'host'),
    counted(vips.length, 'VIP'),
    counted(services.size, 'service'),
  ];
  return `valid: ${counts.join(', ')}`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
