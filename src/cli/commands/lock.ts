import { Command } from 'commander';
import { exitCodes } from '../../model/failure.ts';
import { brokenLocksAsText, locksAsJson, locksAsText, type Output } from '../../report/index.ts';
import { confirmed } from '../confirmed.ts';
import type { Deployer } from '../deployer.ts';
import { inventoryOption } from '../inventory-option.ts';

interface Options {
  readonly inventory: string;
  readonly json: boolean;
}

/** `mcp lock show|break`: who has the hosts, and what to do about a run that is gone. */
export const lockCommand = (deployer: Deployer, output: Output): Command =>
  new Command('lock')
    .description('the locks of runs on the hosts: who holds them, and what to do where nobody does any more')
    .addCommand(
      acting('show', 'who has the lock of each host: since when, from where, for which CI job').action(
        (options: Options) => show(options, { deployer, output }),
      ),
    )
    .addCommand(
      acting('break', 'take locks from runs that are gone; refused while anything of them lives')
        .option('--yes', 'do not ask', false)
        .action((options: Options & { readonly yes: boolean }) => breakThem(options, { deployer, output })),
    );

const acting = (verb: string, description: string): Command =>
  new Command(verb)
    .description(description)
    .addOption(inventoryOption())
    .option('--json', 'print it as JSON', false);

interface Means {
  readonly deployer: Deployer;
  readonly output: Output;
}

/** An expired certificate is no reason to leave a lock where it is. */
const leniency = { expiredCertificates: true };

async function show({ inventory, json }: Options, { deployer, output }: Means): Promise<void> {
  process.exitCode = await deployer.withCloud(
    inventory,
    async ({ lock }) => {
      const locks = await lock.show();
      output.print(json ? JSON.stringify(locksAsJson(locks)) : locksAsText(locks, output.paint));
      return exitCodes.done;
    },
    leniency,
  );
}

async function breakThem(
  { inventory, json, yes }: Options & { readonly yes: boolean },
  { deployer, output }: Means,
): Promise<void> {
  process.exitCode = await deployer.withCloud(
    inventory,
    async ({ lock }) => {
      const wishes = { yes, json, hint: 'if that is what you want, add --yes' };
      const broken = await lock.break({
        confirm: (held) => confirmed(brokenLocksAsText(held, output.paint), wishes, output),
      });
      const words =
        broken.length === 0 ? 'no host is locked' : `unlocked ${broken.map(({ host }) => host).join(' ')}`;
      output.print(json ? JSON.stringify(locksAsJson(broken)) : words);
      return exitCodes.done;
    },
    leniency,
  );
}
