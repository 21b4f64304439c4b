import { Command } from 'commander';
import { exitCodes } from '../../model/failure.ts';
import { follow, type Output, recoveryAsText } from '../../report/index.ts';
import type { PreparedRecovery } from '../../workflows/recover.ts';
import { confirmed } from '../confirmed.ts';
import type { Deployer } from '../deployer.ts';
import { inventoryOption } from '../inventory-option.ts';
import { listenerFor } from '../listener-for.ts';
import { type LockWaiting, lockWaitOf, lockWaitOption } from '../lock-wait.ts';
import { junitOption, markdownOption, type ReportFlags, withReportFiles } from '../report-files.ts';

interface Options extends LockWaiting, ReportFlags {
  readonly inventory: string;
  readonly yes: boolean;
  readonly json: boolean;
  readonly without?: readonly string[];
  readonly from?: string;
}

/** `mcp recover`: brings back what can't agree any more on what is true. */
export const recoverCommand = (deployer: Deployer, output: Output): Command =>
  new Command('recover')
    .description('bring back a database or a broker that has lost its majority, from whoever has the most')
    .addOption(inventoryOption())
    .option(
      '--without <host...>',
      'hosts that do not answer, or whose data can not be read: what they alone have is given up',
    )
    .option('--from <host>', 'take what this host has as the truth, whatever the others have')
    .option('--yes', 'do not ask', false)
    .option('--json', 'print events as JSON lines; never implies --yes', false)
    .addOption(lockWaitOption())
    .addOption(junitOption())
    .addOption(markdownOption())
    .action(async ({ inventory, yes, json, without = [], from, lockWait, junit, markdown }: Options) => {
      const wishes = { yes, json, hint: 'if that is what you want, add --yes' };
      const confirm = (prepared: PreparedRecovery) => {
        const isRefused = prepared.plan.refusals.length > 0;
        // Then there is nothing to confirm; what it would rest on is shown all the same.
        return confirmed(
          recoveryAsText(prepared, output.paint),
          { ...wishes, yes: yes || isRefused },
          output,
        );
      };
      process.exitCode = await withReportFiles({ verb: 'recover', junit, markdown }, output, (files) =>
        deployer.withCloud(inventory, async ({ recover }) => {
          const listener = files.after(listenerFor({ json, verbose: false }, output));
          const { recoveries } = await follow(listener, (emit) =>
            recover({ without, from, ...lockWaitOf({ lockWait }), confirm, emit }),
          );
          if (recoveries.length === 0 && !json)
            output.print('nothing is to be recovered: `mcp status` tells how it is');
          return exitCodes.done;
        }),
      );
    });
