import { Command } from 'commander';
import { exitCodes } from '../../model/failure.ts';
import { historyAsJson, historyAsText, type Output } from '../../report/index.ts';
import type { Deployer } from '../deployer.ts';
import { inventoryOption } from '../inventory-option.ts';

interface Options {
  readonly inventory: string;
  readonly json: boolean;
}

/** `mcp history`: the last runs, as hosts have kept them. */
export const historyCommand = (deployer: Deployer, output: Output): Command =>
  new Command('history')
    .description('the last runs on the hosts: when, by whom, from which commit, and how they ended')
    .addOption(inventoryOption())
    .option('--json', 'print it as JSON', false)
    .action(async ({ inventory, json }: Options) => {
      process.exitCode = await deployer.withCloud(
        inventory,
        async (cloud) => {
          const history = await cloud.history();
          output.print(json ? JSON.stringify(historyAsJson(history)) : historyAsText(history, output.paint));
          return exitCodes.done;
        },
        { expiredCertificates: true },
      );
    });
