import { Command } from 'commander';
import { exitCodes } from '../../model/failure.ts';
import { follow, type Output, planAsText } from '../../report/index.ts';
import type { Planned, PlanOptions } from '../../workflows/plan.ts';
import { confirmed } from '../confirmed.ts';
import type { Deployer } from '../deployer.ts';
import { listenerFor } from '../listener-for.ts';
import { type LockWaiting, lockWaitOf, lockWaitOption } from '../lock-wait.ts';

interface Options extends PlanOptions, LockWaiting {
  readonly inventory: string;
  readonly yes: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** `mcp deploy`: plans, asks, and rolls the difference out. */
export const deployCommand = (deployer: Deployer, output: Output): Command =>
  new Command('deploy')
    .description('make the hosts what the inventory says, batch by batch')
    .requiredOption('-i, --inventory <file>', 'inventory file')
    .option('--yes', 'do not ask', false)
    .option('--json', 'print events as JSON lines; never implies --yes', false)
    .option('--verbose', 'show at gates and halts what follows from a cause, too', false)
    .option('--limit <host...>', 'act on these hosts only')
    .option('--allow-unreachable <host...>', 'go on without these hosts where no quorum needs them')
    .option('--forget <host...>', 'hosts that leave and do not answer: the others shut them out')
    .option('--purge', 'remove the data of what leaves, too; the plan says which')
    .option('--overwrite-drift', 'replace files that someone else edited', false)
    .option('--allow-older', 'the inventory may be at an older commit than the one deployed last', false)
    .addOption(lockWaitOption())
    .action(async ({ inventory, yes, json, verbose, lockWait, ...options }: Options) => {
      process.exitCode = await deployer.withCloud(inventory, async (cloud) => {
        const hint = 'look at the plan with `mcp plan`, then deploy with --yes';
        const confirm = ({ plan }: Planned) =>
          confirmed(planAsText(plan, output.paint), { yes, json, hint }, output);
        const listener = listenerFor({ json, verbose }, output);
        await follow(listener, (emit) =>
          cloud.deploy({ ...options, ...lockWaitOf({ lockWait }), confirm, emit }),
        );
        return exitCodes.done;
      });
    });
