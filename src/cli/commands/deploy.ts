import { Command } from 'commander';
import { exitCodes, McpError } from '../../model/failure.ts';
import {
  createJsonLines,
  createLiveTerminal,
  createPlainLines,
  follow,
  type Output,
  planAsText,
  type RolloutListener,
} from '../../report/index.ts';
import type { Planned, PlanOptions } from '../../workflows/plan.ts';
import type { Deployer } from '../deployer.ts';

interface Options extends PlanOptions {
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
    .action(async ({ inventory, yes, json, verbose, ...options }: Options) => {
      process.exitCode = await deployer.withCloud(inventory, async (cloud) => {
        const confirm = (planned: Planned) => confirmed(planned, { yes, json }, output);
        const listener = listenerFor({ json, verbose }, output);
        await follow(listener, (emit) => cloud.deploy({ ...options, confirm, emit }));
        return exitCodes.done;
      });
    });

function listenerFor({ json, verbose }: Pick<Options, 'json' | 'verbose'>, output: Output): RolloutListener {
  const telling = verbose ? 'everything' : 'causes';
  const now = (): Date => new Date();
  const write = (line: string): void => output.print(line);
  if (json) return createJsonLines({ write, now });
  if (!output.interactive) return createPlainLines({ write, now, telling });
  return createLiveTerminal({ print: write, mask: output.mask, paint: output.paint, telling, now });
}

/** Shows the plan, and asks where someone can answer. Without a terminal only --yes is a yes. */
async function confirmed(
  { plan }: Planned,
  { yes, json }: Pick<Options, 'yes' | 'json'>,
  output: Output,
): Promise<boolean> {
  if (!json) output.print(`${planAsText(plan, output.paint)}\n`);
  if (yes) return true;
  if (json || !output.interactive) {
    throw new McpError('not-confirmed', 'nobody could confirm this: nothing was changed', {
      hint: 'look at the plan with `mcp plan`, then deploy with --yes',
    });
  }
  return output.confirm('Carry this out?');
}
