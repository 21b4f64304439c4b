import { Command, Option } from 'commander';
import {
  type Picture,
  pictureAsMermaid,
  pictureAsSvg,
  pictureAsText,
  pictureOf,
} from '../../report/topology/index.ts';
import { loadTopology } from '../../workflows/load.ts';
import { inventoryOption } from '../inventory-option.ts';

type Format = 'svg' | 'mermaid' | 'text';

/** `mcp topology`: who asks whom, drawn from the inventory; reaches no host. */
export const topologyCommand = (print: (text: string) => void): Command =>
  new Command('topology')
    .description('draw who asks whom, and which machine carries what')
    .addOption(inventoryOption())
    .addOption(
      new Option('--format <format>', 'what to print').choices(['svg', 'mermaid', 'text']).default('text'),
    )
    .action(async ({ inventory, format }: { inventory: string; format: Format }) => {
      const { topology } = await loadTopology(inventory, { needs: 'topology' });
      print(asText[format](pictureOf(topology)).trimEnd());
    });

const asText: Readonly<Record<Format, (picture: Picture) => string>> = {
  svg: pictureAsSvg,
  mermaid: pictureAsMermaid,
  text: pictureAsText,
};
