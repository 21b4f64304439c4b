import { Command } from 'commander';
import { exitCodes, McpError } from '../../model/failure.ts';
import { type Output, runAsJson, runAsText, savedPlanAsText } from '../../report/index.ts';
import { readPlanFile } from '../../workflows/saved-plan-file.ts';
import type { Deployer } from '../deployer.ts';
import { findInventory, isThere, tellFound } from '../inventory-option.ts';

interface Options {
  readonly inventory?: string;
  readonly json: boolean;
}

/** `mcp show FILE`: what a saved plan would do. `mcp show RUN -i INVENTORY`: what a run has done on each host. */
export const showCommand = (deployer: Deployer, output: Output): Command =>
  new Command('show')
    .description('what a saved plan would do; with an inventory, what a run has done on each host')
    .argument('<plan|run>', 'a file of `mcp plan --out`; or a run of `mcp history`, how it begins, or `last`')
    .option('-i, --inventory <file>', 'inventory file, for runs; where no file has that name it is found')
    .option('--json', 'print it as JSON', false)
    .action(async (name: string, { inventory, json }: Options) => {
      const cloud = inventory ?? (await inventoryFor(name, json, output));
      if (cloud === undefined) await showPlan(name, { json }, output);
      else process.exitCode = await showRun(name, { inventory: cloud, json }, { deployer, output });
    });

/** A file of that name is what is meant, and needs no inventory. */
async function inventoryFor(name: string, json: boolean, output: Output): Promise<string | undefined> {
  if (name.includes('/') || (await isThere(name))) return undefined;
  const found = await findInventory();
  if (found === undefined) {
    throw new McpError(
      'invalid-arguments',
      `there is no file ${name}, and no inventory whose hosts know a run`,
      {
        hint: 'name a file of `mcp plan --out`, or for a run its inventory with -i',
      },
    );
  }
  tellFound(found, json, output);
  return found.file;
}

async function showPlan(file: string, { json }: Pick<Options, 'json'>, output: Output): Promise<void> {
  const { saved } = await readPlanFile(file);
  output.print(
    json ? JSON.stringify({ type: 'saved-plan', ...saved }) : savedPlanAsText(saved, output.paint),
  );
}

const showRun = (
  name: string,
  { inventory, json }: Options & { readonly inventory: string },
  { deployer, output }: { readonly deployer: Deployer; readonly output: Output },
): Promise<number> =>
  deployer.withCloud(
    inventory,
    async (cloud) => {
      const run = await cloud.run(name);
      output.print(json ? JSON.stringify(runAsJson(run)) : runAsText(run, output.paint));
      return exitCodes.done;
    },
    { expiredCertificates: true },
  );
