import { Command } from 'commander';
import type { Topology } from '../../model/topology.ts';
import { diagnosticsAsText } from '../../report/index.ts';
import { loadTopology } from '../../workflows/load.ts';

/** `mcp validate`: everything that can be said of an inventory without reaching a host. */
export const validateCommand = (print: (text: string) => void): Command =>
  new Command('validate')
    .description('check an inventory without reaching a host')
    .requiredOption('-i, --inventory <file>', 'inventory file')
    .action(async ({ inventory }: { inventory: string }) => {
      const { topology, warnings } = await loadTopology(inventory, { needs: 'topology' });
      if (warnings.length > 0) print(diagnosticsAsText(warnings));
      print(summaryOf(topology));
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
