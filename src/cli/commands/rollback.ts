import { Command } from 'commander';
import { exitCodes } from '../../model/failure.ts';
import { isEmpty } from '../../model/plan.ts';
import { follow, type Output, planAsText, undoneAsText } from '../../report/index.ts';
import type { PreparedRollback } from '../../workflows/rollback.ts';
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
  readonly verbose: boolean;
  readonly overwriteDrift: boolean;
}

/** `mcp rollback RUN`: takes a run back, and all that came after it. */
export const rollbackCommand = (deployer: Deployer, output: Output): Command =>
  new Command('rollback')
    .description('bring files back to what they were before a run, batch by batch like a deploy')
    .argument('<run>', 'its name in `mcp history`, or how that begins; later runs are taken back with it')
    .addOption(inventoryOption())
    .option('--yes', 'do not ask', false)
    .option('--json', 'print events as JSON lines; never implies --yes', false)
    .option('--verbose', 'show at gates and halts what follows from a cause, too', false)
    .option('--overwrite-drift', 'replace files that someone else edited', false)
    .addOption(lockWaitOption())
    .addOption(junitOption())
    .addOption(markdownOption())
    .action(async (run: string, options: Options) => {
      const { inventory, yes, json, verbose, lockWait, overwriteDrift, junit, markdown } = options;
      const hint = 'if that is what you want, add --yes';
      const confirm = ({ undone, plan }: PreparedRollback) =>
        confirmed(
          `${undoneAsText(undone, output.paint)}\n\n${planAsText(plan, output.paint)}`,
          { yes, json, hint },
          output,
        );
      process.exitCode = await withReportFiles({ verb: 'rollback', junit, markdown }, output, (files) =>
        deployer.withCloud(inventory, async ({ rollback }) => {
          const listener = files.after(listenerFor({ json, verbose }, output));
          const { plan } = await follow(listener, (emit) =>
            rollback({ run, overwriteDrift, ...lockWaitOf({ lockWait }), confirm, emit }),
          );
          if (isEmpty(plan) && !json) output.print('everything is as it was before that run');
          return exitCodes.done;
        }),
      );
    });
