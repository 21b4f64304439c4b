import { Command } from 'commander';
import { exitCodes } from '../../model/failure.ts';
import { follow, maintenanceAsText, type Output, restingAsJson, restingAsText } from '../../report/index.ts';
import type { PreparedMaintenance } from '../../workflows/maintenance.ts';
import { confirmed } from '../confirmed.ts';
import type { Deployer } from '../deployer.ts';
import { inventoryOption } from '../inventory-option.ts';
import { listenerFor } from '../listener-for.ts';
import { type LockWaiting, lockWaitOf, lockWaitOption } from '../lock-wait.ts';
import { junitOption, markdownOption, type ReportFlags, withReportFiles } from '../report-files.ts';

interface Options {
  readonly inventory: string;
  readonly json: boolean;
}

interface ActingOptions extends Options, LockWaiting, ReportFlags {
  readonly yes: boolean;
  readonly reason?: string;
}

/** `mcp maintenance enter|leave|list`: takes a host out so that it could be powered off, and brings it back. */
export const maintenanceCommand = (deployer: Deployer, output: Output): Command =>
  new Command('maintenance')
    .description('take a host out so that it may be powered off, and bring it back')
    .addCommand(
      acting('enter', 'hand over all that a host has, and wait until nobody would miss it')
        .option('--reason <text>', 'why, for whoever sees it')
        .action((host: string, options: ActingOptions) => act('enter', host, options, { deployer, output })),
    )
    .addCommand(
      acting('leave', 'let a host take part again, and spread the VIPs').action(
        (host: string, options: ActingOptions) => act('leave', host, options, { deployer, output }),
      ),
    )
    .addCommand(
      new Command('list')
        .description('the hosts in maintenance: since when, who asked, why')
        .addOption(inventoryOption())
        .option('--json', 'print it as JSON', false)
        .action(async ({ inventory, json }: Options) => {
          process.exitCode = await deployer.withCloud(inventory, async ({ maintenance }) => {
            const hosts = await maintenance.list();
            output.print(json ? JSON.stringify(restingAsJson(hosts)) : restingAsText(hosts, output.paint));
            return exitCodes.done;
          });
        }),
    );

const acting = (verb: string, description: string): Command =>
  new Command(verb)
    .description(description)
    .argument('<host>', 'its name in the inventory')
    .addOption(inventoryOption())
    .option('--yes', 'do not ask', false)
    .option('--json', 'print events as JSON lines; never implies --yes', false)
    .addOption(lockWaitOption())
    .addOption(junitOption())
    .addOption(markdownOption());

interface Means {
  readonly deployer: Deployer;
  readonly output: Output;
}

async function act(
  verb: 'enter' | 'leave',
  host: string,
  { inventory, yes, json, reason, lockWait, junit, markdown }: ActingOptions,
  { deployer, output }: Means,
): Promise<void> {
  const wishes = { yes, json, hint: `if that is what you want, add --yes` };
  const confirm = (prepared: PreparedMaintenance) =>
    confirmed(maintenanceAsText(prepared, output.paint), wishes, output);
  const wanted = { host, confirm, ...lockWaitOf({ lockWait }) };
  const reported = { verb: `maintenance ${verb}`, junit, markdown };
  process.exitCode = await withReportFiles(reported, output, (files) =>
    deployer.withCloud(inventory, async ({ maintenance }) => {
      const listener = files.after(listenerFor({ json, verbose: false }, output));
      await follow(listener, (emit) =>
        verb === 'enter'
          ? maintenance.enter({ ...wanted, emit, ...(reason === undefined ? {} : { reason }) })
          : maintenance.leave({ ...wanted, emit }),
      );
      return exitCodes.done;
    }),
  );
}
