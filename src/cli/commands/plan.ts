import { Command } from 'commander';
import { exitCodes } from '../../model/failure.ts';
import { isEmpty, type Plan, type Refusal } from '../../model/plan.ts';
import { type Output, planAsJson, planAsText, planDiff } from '../../report/index.ts';
import type { Planned, PlanOptions } from '../../workflows/plan.ts';
import type { Deployer } from '../deployer.ts';

interface Options extends PlanOptions {
  readonly inventory: string;
  readonly diff: boolean;
  readonly json: boolean;
  readonly detailedExitcode: boolean;
}

/** `mcp plan`: what a deploy would do, and nothing is done. */
export const planCommand = (deployer: Deployer, output: Output): Command =>
  new Command('plan')
    .description('show what a deploy would change, and change nothing')
    .requiredOption('-i, --inventory <file>', 'inventory file')
    .option('--diff', 'show every file that changes as a unified diff, secrets masked', false)
    .option('--json', 'print the plan as JSON, without contents', false)
    .option('--detailed-exitcode', `exit ${exitCodes.changesPending} when something would change`, false)
    .option('--limit <host...>', 'look at these hosts only')
    .option('--allow-unreachable <host...>', 'go on without these hosts')
    .option('--forget <host...>', 'hosts that leave and do not answer')
    .option('--purge', 'remove the data of what leaves, too')
    .option('--overwrite-drift', 'replace files that someone else edited', false)
    .option('--allow-older', 'the inventory may be at an older commit than the one deployed last', false)
    .action(async ({ inventory, diff, json, detailedExitcode, ...options }: Options) => {
      process.exitCode = await deployer.withCloud(inventory, async (cloud) => {
        const planned = await cloud.plan(options);
        output.print(json ? JSON.stringify(planAsJson(planned.plan)) : asText(planned, diff, output));
        return exitCodeFor(planned.plan, detailedExitcode);
      });
    });

function asText(planned: Planned, diff: boolean, { mask, paint }: Output): string {
  const text = planAsText(planned.plan, paint);
  const differences = diff ? planDiff(planned, mask, paint) : '';
  return differences === '' ? text : `${differences}\n\n${text}`;
}

/** A plan that could not look at every host is no plan; drift and a degraded cloud are only shown, deploy refuses them. */
function exitCodeFor(plan: Plan, detailedExitcode: boolean): number {
  const refusedFor = (...kinds: readonly Refusal['kind'][]): boolean =>
    plan.refusals.some(({ kind }) => kinds.includes(kind));
  if (refusedFor('unreachable')) return exitCodes.unreachable;
  if (refusedFor('foreign-host', 'newer-format')) return exitCodes.refused;
  return detailedExitcode && !isEmpty(plan) ? exitCodes.changesPending : exitCodes.done;
}
