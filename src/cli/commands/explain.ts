import { Command, Option } from 'commander';
import { explanationAsText, type Output } from '../../report/index.ts';
import { explain } from '../../workflows/explain.ts';
import { inventorySchemaText } from '../../workflows/inventory-schema.ts';

interface Options {
  readonly json: boolean;
  readonly schema?: true;
}

/** `mcp explain [PATH]`: the words of an inventory. Needs none. */
export const explainCommand = (output: Output): Command =>
  new Command('explain')
    .description('what may be written in an inventory: words, defaults, and where a setting may be said')
    .argument('[path]', 'such as `services.galera` or `machines.*.ssh`; without it, the whole', '')
    .option('--json', 'print it as JSON', false)
    .addOption(
      new Option('--schema', 'print the JSON Schema that editors complete and check from').conflicts('json'),
    )
    .action((path: string, { json, schema }: Options) => {
      if (schema) output.print(inventorySchemaText().trimEnd());
      else
        output.print(json ? JSON.stringify(explain(path)) : explanationAsText(explain(path), output.paint));
    });
