import { Command } from 'commander';
import { exitCodes, McpError } from '../../model/failure.ts';
import type { PlanOptions } from '../../model/plan-options.ts';
import { follow, type Output, planAsText } from '../../report/index.ts';
import type { Planned } from '../../workflows/plan.ts';
import { readPlanFile } from '../../workflows/saved-plan-file.ts';
import { confirmed } from '../confirmed.ts';
import type { Deployer } from '../deployer.ts';
import { tellExpiring } from '../expiring.ts';
import { inventoryOption } from '../inventory-option.ts';
import { listenerFor } from '../listener-for.ts';
import { type LockWaiting, lockWaitOf, lockWaitOption } from '../lock-wait.ts';
import { junitOption, markdownOption, type ReportFlags, withReportFiles } from '../report-files.ts';

interface Options extends PlanOptions, LockWaiting, ReportFlags {
  readonly inventory: string;
  readonly yes: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** `mcp deploy`: plans, asks, and rolls the difference out. */
export const deployCommand = (deployer: Deployer, output: Output): Command =>
  new Command('deploy')
    .description('make the hosts what the inventory says, batch by batch')
    .argument('[plan]', 'what `mcp plan --out` has saved: exactly that is carried out, or nothing')
    .addOption(inventoryOption())
    .option('--yes', 'do not ask', false)
    .option('--json', 'print events as JSON lines; never implies --yes', false)
    .option('--verbose', 'show at gates and halts what follows from a cause, too', false)
    .option('--limit <host...>', 'act on these hosts only')
    .option('--allow-unreachable <host...>', 'go on without these hosts where no quorum needs them')
    .option('--forget <host...>', 'hosts that leave and do not answer: the others shut them out')
    .option('--purge', 'remove the data of what leaves, too; the plan says which')
    .option('--keep-former', 'former users and passwords stay in force, for who is not in the inventory')
    .option('--overwrite-drift', 'replace files that someone else edited', false)
    .option('--allow-older', 'the inventory may be at an older commit than the one deployed last', false)
    .addOption(lockWaitOption())
    .addOption(junitOption())
    .addOption(markdownOption())
    .action(async (file: string | undefined, options: Options, command: Command) => {
      const { inventory, yes, json, verbose, lockWait, junit, markdown, ...wishes } = options;
      if (file !== undefined) refuseBeside(file, wishes, command);
      const saved = file === undefined ? {} : { saved: await readPlanFile(file) };
      const hint = 'look at the plan with `mcp plan`, then deploy with --yes';
      const confirm = ({ plan }: Planned) =>
        confirmed(planAsText(plan, output.paint), { yes, json, hint }, output);
      process.exitCode = await withReportFiles({ verb: 'deploy', junit, markdown }, output, (files) =>
        deployer.withCloud(inventory, async (cloud) => {
          tellExpiring(cloud, output);
          const listener = files.after(listenerFor({ json, verbose }, output));
          await follow(listener, (emit) =>
            cloud.deploy({ ...wishes, ...saved, ...lockWaitOf({ lockWait }), confirm, emit }),
          );
          return exitCodes.done;
        }),
      );
    });

/** A saved plan was made with options of its own, which whoever looked at it has seen the effect of. */
function refuseBeside(file: string, wishes: PlanOptions, command: Command) {
  const said = command.options.find(
    (option) =>
      option.attributeName() in wishes && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (said === undefined) return;
  throw new McpError(
    'invalid-arguments',
    `${said.long} can't be said beside a saved plan: ${file} has its own options`,
    { hint: `make a new plan with it: \`mcp plan ${said.long} … --out ${file}\`` },
  );
}
