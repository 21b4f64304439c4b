import { Command } from 'commander';
import { exitCodes } from '../../model/failure.ts';
import { type Output, runAsJson, runAsText } from '../../report/index.ts';
import type { Deployer } from '../deployer.ts';

interface Options {
  readonly inventory: string;
  readonly json: boolean;
}

/** `mcp show RUN`: what one run has done on each host. */
export const showCommand = (deployer: Deployer, output: Output): Command =>
  new Command('show')
    .description('what a run has done on each host: its steps, and which files it has changed')
    .argument('<run>', 'its name in `mcp history`, or how that begins; or `last`')
    .requiredOption('-i, --inventory <file>', 'inventory file')
    .option('--json', 'print it as JSON', false)
    .action(async (name: string, { inventory, json }: Options) => {
      process.exitCode = await deployer.withCloud(
        inventory,
        async (cloud) => {
          const run = await cloud.run(name);
          output.print(json ? JSON.stringify(runAsJson(run)) : runAsText(run, output.paint));
          return exitCodes.done;
        },
        { expiredCertificates: true },
      );
    });
