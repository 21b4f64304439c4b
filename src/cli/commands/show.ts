import { Command } from 'commander';
import { exitCodes } from '../../model/failure.ts';
import { type Output, runAsJson, runAsText, savedPlanAsText } from '../../report/index.ts';
import { readPlanFile } from '../../workflows/saved-plan-file.ts';
import type { Deployer } from '../deployer.ts';

interface Options {
  readonly inventory?: string;
  readonly json: boolean;
}

/** `mcp show FILE`: what a saved plan would do. `mcp show RUN -i INVENTORY`: what a run has done on each host. */
export const showCommand = (deployer: Deployer, output: Output): Command =>
  new Command('show')
    .description('what a saved plan would do; with an inventory, what a run has done on each host')
    .argument('<plan|run>', 'a file of `mcp plan --out`; or a run of `mcp history`, how it begins, or `last`')
    .option('-i, --inventory <file>', 'inventory file, for runs')
    .option('--json', 'print it as JSON', false)
    .action(async (name: string, { inventory, json }: Options) => {
      if (inventory === undefined) await showPlan(name, { json }, output);
      else process.exitCode = await showRun(name, { inventory, json }, { deployer, output });
    });

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
